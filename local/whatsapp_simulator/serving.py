"""Serves the stand-in with uvicorn, and ends without waiting for chat pages that are still open."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import uvicorn

from local.whatsapp_simulator.app import create_app
from local.whatsapp_simulator.handset import Handset
from local.whatsapp_simulator.settings import Settings


def listen(port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one.

    The protocol is named because asyncio sets TCP_NODELAY only then: without it every answer waits 40 ms for an ACK.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


class HandsetServer(uvicorn.Server):
    """`run(sockets=[listener])` serves until a signal, or until `should_exit` is set."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        app = create_app(settings, clock)
        self.handset: Handset = app.state.handset
        # Idle connections stay open longer than any client here keeps them, so none is closed while it is being used.
        config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=120, timeout_graceful_shutdown=2)
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.handset.stop()
        await super().shutdown(sockets)
