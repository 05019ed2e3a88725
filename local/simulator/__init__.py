"""What the simulators of all channels share: the chat page, customers' phones, files, the webhook and the wire log.

A simulator is the other side of a channel, on loopback. Each is a package of its own beside this one, and imports
nothing of Chatflow, so that it refuses a mistake of Chatflow's channel code instead of repeating it.
"""
