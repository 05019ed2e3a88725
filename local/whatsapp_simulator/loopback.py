"""Keeps other web pages out: only this machine's own names are served, and no foreign page may post."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost", "::1")


class LoopbackOnly:
    """ASGI middleware against DNS rebinding (the Host header) and cross-site posts (the Origin header)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope)):
            await PlainTextResponse("The handset serves this machine only", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    @staticmethod
    def _is_ours(headers: Headers) -> bool:
        host = urlsplit(f"//{headers.get('host', '')}")
        origin = headers.get("origin")
        return host.hostname in NAMES and (origin is None or urlsplit(origin).netloc == host.netloc)
