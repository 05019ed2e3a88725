"""The flow format: what people write in `flows/`, checked as a whole and turned into what is published.

Used where something is published (at synth, in the Lambdas that publish), never while a conversation runs. The front
door is `chatflow.flows.project`; nothing is imported here, so that this package costs nothing until it is used.
"""
