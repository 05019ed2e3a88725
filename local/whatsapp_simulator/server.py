"""The HTTP server of the simulator: one small process that is Meta and the customer's phone at once."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from local.whatsapp_simulator.app_messages import APP_ROUTES
from local.whatsapp_simulator.chat_page import PAGE_ROUTES
from local.whatsapp_simulator.control_api import CONTROL_ROUTES, ControlError, control_error_response
from local.whatsapp_simulator.customer_api import CUSTOMER_ROUTES
from local.whatsapp_simulator.graph_api import GRAPH_ROUTES
from local.whatsapp_simulator.settings import Settings
from local.whatsapp_simulator.simulator import Simulator
from local.whatsapp_simulator.wire_log import WireLogMiddleware

# Numbers that regulators reserve for films and examples.
FIRST_CONTACTS = {"447700900101": "Mara Lindqvist", "12025550143": "Tom Okafor", "33199005501": "Inès Moreau"}

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


def create_app(settings: Settings, clock: Callable[[], float] = time.time) -> Starlette:
    """An ASGI application; `settings.public_url` must be the address at which it will be served."""
    simulator = Simulator(settings, clock)
    for wa_id, name in FIRST_CONTACTS.items():
        simulator.conversations.contact(wa_id, name)
    if not settings.webhook_url:
        simulator.webhook_client.health.state = "unset"

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await simulator.webhook_delivery.close()

    app = Starlette(
        routes=[*PAGE_ROUTES, *APP_ROUTES, *CUSTOMER_ROUTES, *CONTROL_ROUTES, *GRAPH_ROUTES],
        middleware=[Middleware(LoopbackOnly), Middleware(WireLogMiddleware, log=simulator.wire_log)],
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


class SimulatorServer(uvicorn.Server):
    """`run(sockets=[listener])` serves until a signal arrives or `should_exit` is set."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        app = create_app(settings, clock)
        self.simulator: Simulator = app.state.simulator
        # Idle connections stay open longer than any client here holds them, so none is closed while in use.
        config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=120, timeout_graceful_shutdown=2)
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End open chat pages first, then shut down without waiting for them."""
        self.simulator.stop()
        await super().shutdown(sockets)
