"""The HTTP server of a simulator: one small process that is the channel and the customers' phones at once."""

from __future__ import annotations

import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from local.simulator.chat_page import PAGE_ROUTES
from local.simulator.control_api import CONTROL_ROUTES, control_error_response
from local.simulator.customer_api import CUSTOMER_ROUTES
from local.simulator.simulator import ControlError, Simulator
from local.simulator.wire_log import WireLogMiddleware

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


class LoopbackOnly:
    """ASGI middleware against DNS rebinding (the Host header) and cross-site posts (the Origin header)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_allowed(Headers(scope=scope)):
            await PlainTextResponse("The handset serves this machine only", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    @staticmethod
    def _is_allowed(headers: Headers) -> bool:
        host = urlsplit(f"//{headers.get('host', '')}")
        origin = headers.get("origin")
        return host.hostname in LOOPBACK_NAMES and (origin is None or urlsplit(origin).netloc == host.netloc)


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


def listen(port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one.

    The protocol is named because asyncio sets TCP_NODELAY only then: without it every response waits 40 ms for an ACK.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


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
