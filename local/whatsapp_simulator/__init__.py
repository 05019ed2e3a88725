"""A stand-in for the WhatsApp Cloud API on loopback, with a chat page where a person is the customer.

It is the other side of the channel: it is written from what Meta publishes and imports nothing of Chatflow, so that a
mistake in Chatflow's channel code meets a refusal here instead of an agreeing twin.
"""

from local.whatsapp_simulator.app import create_app
from local.whatsapp_simulator.settings import Settings

__all__ = ["Settings", "create_app"]
