"""Serves the stand-in with uvicorn, and ends without waiting for chat pages that are still open."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import uvicorn

from local.handset.app import create_app
from local.handset.handset import Handset
from local.handset.settings import Settings


class HandsetServer(uvicorn.Server):
    """`run(sockets=[listener])` serves until a signal, or until `should_exit` is set."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        app = create_app(settings, clock)
        self.handset: Handset = app.state.handset
        super().__init__(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.handset.stop()
        await super().shutdown(sockets)
