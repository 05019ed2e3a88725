"""The HTTP server of a simulator: one small process that is the channel and the customers' phones at once."""

from __future__ import annotations

import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from local.loopback import LoopbackOnly
from local.simulator.chat_page import PAGE_ROUTES
from local.simulator.control_api import CONTROL_ROUTES, control_error_response
from local.simulator.customer_api import CUSTOMER_ROUTES
from local.simulator.simulator import ControlError, Simulator
from local.simulator.wire_log import WireLogMiddleware


def create_app(simulator: Simulator, routes: list[BaseRoute]) -> Starlette:
    """An ASGI application. `routes` are the channel's API, and what its control API has in addition."""
    if not simulator.settings.webhook_url:
        simulator.webhook_client.health.state = "unset"

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await simulator.webhook_delivery.close()

    logged: dict[str, Any] = {
        "log": simulator.wire_log,
        "api_paths": simulator.api_paths,
        "masked": simulator.masked,
    }
    app = Starlette(
        routes=[*PAGE_ROUTES, *CUSTOMER_ROUTES, *CONTROL_ROUTES, *routes],
        middleware=[Middleware(LoopbackOnly), Middleware(WireLogMiddleware, **logged)],
        exception_handlers={ControlError: control_error_response},
        lifespan=lifespan,
    )
    app.state.simulator = simulator
    return app


def allow_many_connections() -> None:
    """A thousand waiting customers with a long poll each exceed the usual soft limit of open files."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


class SimulatorServer(uvicorn.Server):
    """`run(sockets=[listener])` serves until a signal arrives or `should_exit` is set."""

    def __init__(self, app: Starlette) -> None:
        self._simulator: Simulator = app.state.simulator
        # Idle connections stay open longer than any client here holds them, so none is closed while in use.
        config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=120, timeout_graceful_shutdown=2)
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End open chat pages first, then shut down without waiting for them."""
        self._simulator.stop()
        await super().shutdown(sockets)
