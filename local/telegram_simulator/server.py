"""The HTTP application of the simulator."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette

from local.simulator import server
from local.telegram_simulator.bot_api import BOT_ROUTES, perform
from local.telegram_simulator.customer_api import CUSTOMER_ROUTES
from local.telegram_simulator.settings import Settings
from local.telegram_simulator.simulator import TelegramSimulator

FIRST_CONTACTS = {"700100101": "Mara Lindqvist", "700100143": "Tom Okafor", "700100155": "Inès Moreau"}


def create_app(settings: Settings, clock: Callable[[], float] = time.time) -> Starlette:
    """An ASGI application; `settings.public_url` must be the address at which it will be served."""

    def run(method: str, values: dict[str, Any]) -> None:
        simulator.webhook_delivery.run_in_background(perform(simulator, method, values))

    simulator = TelegramSimulator(settings, run, clock)
    for user, name in FIRST_CONTACTS.items():
        simulator.conversations.contact(user, name)
    return server.create_app(simulator, [*CUSTOMER_ROUTES, *BOT_ROUTES])
