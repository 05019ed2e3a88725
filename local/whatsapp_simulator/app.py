"""The application: one small process that is Meta and the customer's phone at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware

from local.whatsapp_simulator.control import CONTROL_ROUTES
from local.whatsapp_simulator.control_customer import CUSTOMER_ROUTES
from local.whatsapp_simulator.control_input import Declined, declined
from local.whatsapp_simulator.graph import GRAPH_ROUTES
from local.whatsapp_simulator.handset import Handset
from local.whatsapp_simulator.loopback import LoopbackOnly
from local.whatsapp_simulator.page import PAGE_ROUTES
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.view import VIEW_ROUTES
from local.whatsapp_simulator.wire_capture import WireCapture

# Numbers that regulators keep free for films and examples.
FIRST_CONTACTS = {"447700900101": "Mara Lindqvist", "12025550143": "Tom Okafor", "33199005501": "Inès Moreau"}


def create_app(settings: Settings, clock: Callable[[], float] = time.time) -> Starlette:
    """An ASGI application; `settings.public_url` must say where it will be served."""
    handset = Handset(settings, clock)
    for wa_id, name in FIRST_CONTACTS.items():
        handset.conversations.contact(wa_id, name)
    if not settings.webhook_url:
        handset.calls.health.state = "unset"

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await handset.webhooks.close()

    app = Starlette(
        routes=[*PAGE_ROUTES, *VIEW_ROUTES, *CUSTOMER_ROUTES, *CONTROL_ROUTES, *GRAPH_ROUTES],
        middleware=[Middleware(LoopbackOnly), Middleware(WireCapture, wire=handset.wire)],
        exception_handlers={Declined: declined},
        lifespan=lifespan,
    )
    app.state.handset = handset
    return app
