"""The log of HTTP exchanges with the business in both directions, for the chat page's drawer and for scripts."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_EXCHANGES = 500
MAX_BODY = 64 * 1024  # bytes; a larger body is logged without its text

TO_BUSINESS = "to_business"
FROM_BUSINESS = "from_business"

# Key of the ASGI scope. An endpoint adds details to its exchange there: parts of an upload, the contact, a fault.
DETAILS = "wire_log.details"


Exchange = dict[str, Any]


class WireLog:
    """The most recent exchanges, numbered from 1."""

    def __init__(self, describe: Callable[[Exchange], dict[str, Any]]) -> None:
        """`describe` gives the channel's title of an exchange, and its kind."""
        self.last = 0
        self._describe = describe
        self._exchanges: deque[Exchange] = deque(maxlen=MAX_EXCHANGES)
        self._changed = asyncio.Event()

    def add(self, exchange: Exchange) -> None:
        self.last += 1
        self._exchanges.append({"seq": self.last, **self._describe(exchange), **exchange})
        self.wake_all()

    def after(self, seq: int) -> list[Exchange]:
        return [exchange for exchange in self._exchanges if exchange["seq"] > seq]

    async def wait(self, seconds: float) -> None:
        """Return at the next exchange or after this many seconds."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    def wake_all(self) -> None:
        """Wake every waiting caller."""
        self._changed.set()
        self._changed = asyncio.Event()


def half_of_exchange(headers: Iterable[tuple[str, str]], body: bytes, content_type: str) -> dict[str, Any]:
    """One direction of an exchange in JSON form: headers, size in bytes, and the body when it is readable."""
    return {"headers": masked_headers(headers), "size": len(body), "body": readable_body(body, content_type)}


def masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers with the access token masked to its last four characters."""
    return {name: f"Bearer •••{value[-4:]}" if name.lower() == "authorization" else value for name, value in headers}


def readable_body(body: bytes, content_type: str) -> str | None:
    """The text of a body that a person can read; None for files and for bodies larger than MAX_BODY."""
    readable = content_type.partition(";")[0].strip() in ("application/json", "text/plain", "text/html")
    return body.decode(errors="replace") if readable and len(body) <= MAX_BODY else None


class _BodyRecorder:
    """One direction of an exchange: its size, and its bytes up to MAX_BODY."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.size = 0
        self._bytes = bytearray()

    def set_headers(self, raw: list[tuple[bytes, bytes]]) -> None:
        self.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if len(self._bytes) <= MAX_BODY:
            self._bytes += chunk

    def to_json(self, masked: Callable[[str], str]) -> dict[str, object]:
        content_type = dict(self.headers).get("content-type", "")
        body = readable_body(bytes(self._bytes), content_type) if len(self._bytes) == self.size else None
        return {"headers": masked_headers(self.headers), "size": self.size, "body": masked(body) if body else body}


class WireLogMiddleware:
    """ASGI middleware that logs requests to the channel's API, without holding files in memory.

    The simulator's own paths are not logged. `masked` masks what is secret in a path or a body.
    """

    def __init__(self, app: ASGIApp, log: WireLog, api_paths: tuple[str, ...], masked: Callable[[str], str]) -> None:
        self._app = app
        self._log = log
        self._api_paths = api_paths
        self._masked = masked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(self._api_paths):
            await self._app(scope, receive, send)
            return
        request, response, status = _BodyRecorder(), _BodyRecorder(), [0]
        request.set_headers(scope["headers"])
        scope[DETAILS] = {}
        started_at, started = time.time(), time.perf_counter()

        async def recording_receive() -> Message:
            message = await receive()
            request.add(message.get("body", b""))
            return message

        async def recording_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                response.set_headers(list(message.get("headers", [])))
            else:
                response.add(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, recording_receive, recording_send)
        finally:
            query = scope.get("query_string", b"").decode("latin-1")
            self._log.add(
                {
                    "at": int(started_at * 1000),
                    "direction": FROM_BUSINESS,
                    "method": scope["method"],
                    "url": self._masked(f"{path}?{query}" if query else path),
                    "status": status[0],
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                    "request": request.to_json(self._masked),
                    "response": response.to_json(self._masked),
                    **scope[DETAILS],
                }
            )
