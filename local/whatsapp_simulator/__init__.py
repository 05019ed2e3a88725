"""A simulator of the WhatsApp Cloud API on loopback, with a chat page where a person acts as the customer.

It is the other side of the channel. It is written from what Meta publishes and imports nothing of Chatflow, so that it
refuses a mistake of Chatflow's channel code instead of repeating it.
"""
