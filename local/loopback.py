"""What every server of the local stack does: listen on loopback alone, and answer pages of its own origin alone."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


class LoopbackOnly:
    """ASGI middleware against DNS rebinding (the Host header) and cross-site posts (the Origin header)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_allowed(Headers(scope=scope)):
            await PlainTextResponse("This server serves this machine only", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    @staticmethod
    def _is_allowed(headers: Headers) -> bool:
        host = urlsplit(f"//{headers.get('host', '')}")
        origin = headers.get("origin")
        return host.hostname in LOOPBACK_NAMES and (origin is None or urlsplit(origin).netloc == host.netloc)


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
