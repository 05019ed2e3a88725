"""The HTTP application of the simulator."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.applications import Starlette

from local.simulator import server
from local.whatsapp_simulator.app_messages import APP_ROUTES
from local.whatsapp_simulator.customer_api import CUSTOMER_ROUTES
from local.whatsapp_simulator.graph_api import GRAPH_ROUTES
from local.whatsapp_simulator.number_controls import NUMBER_ROUTES
from local.whatsapp_simulator.other_numbers import add_other_numbers
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.simulator import WhatsAppSimulator

# Numbers that regulators reserve for films and examples.
FIRST_CONTACTS = {"447700900101": "Mara Lindqvist", "12025550143": "Tom Okafor", "33199005501": "Inès Moreau"}


def create_app(settings: Settings, clock: Callable[[], float] = time.time) -> Starlette:
    """An ASGI application; `settings.public_url` must be the address at which it will be served."""
    simulator = WhatsAppSimulator(settings, clock)
    for wa_id, name in FIRST_CONTACTS.items():
        simulator.conversations.contact(wa_id, name)
    app = server.create_app(simulator, [*APP_ROUTES, *CUSTOMER_ROUTES, *NUMBER_ROUTES, *GRAPH_ROUTES])
    return add_other_numbers(app, lambda others: create_app(others, clock))
