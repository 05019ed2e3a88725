"""Writes down every exchange that the business has with the Graph side, without holding files in memory."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.whatsapp_simulator.wire import BODY_KEPT, FROM_BUSINESS, Wire, shown_body, shown_headers

NOTES = "handset.notes"  # what an endpoint adds to its exchange: the parts of an upload, the contact, a fault


class _Half:
    """One direction of an exchange: its size, and its bytes while they are few."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.size = 0
        self._kept = bytearray()

    def begin(self, raw: list[tuple[bytes, bytes]]) -> None:
        self.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if len(self._kept) <= BODY_KEPT:
            self._kept += chunk

    def shown(self) -> dict[str, object]:
        content_type = dict(self.headers).get("content-type", "")
        body = shown_body(bytes(self._kept), content_type) if len(self._kept) == self.size else None
        return {"headers": shown_headers(self.headers), "size": self.size, "body": body}


class WireCapture:
    """ASGI middleware around the paths that belong to Meta; the handset's own paths are not of interest."""

    def __init__(self, app: ASGIApp, wire: Wire) -> None:
        self._app = app
        self._wire = wire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(("/v", "/whatsapp_business/")):
            await self._app(scope, receive, send)
            return
        request, response, status = _Half(), _Half(), [0]
        request.begin(scope["headers"])
        scope[NOTES] = {}
        began, clock = time.time(), time.perf_counter()

        async def receiving() -> Message:
            message = await receive()
            request.take(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                response.begin(list(message.get("headers", [])))
            else:
                response.take(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        finally:
            query = scope.get("query_string", b"").decode("latin-1")
            self._wire.add(
                {
                    "at": int(began * 1000),
                    "direction": FROM_BUSINESS,
                    "method": scope["method"],
                    "url": f"{path}?{query}" if query else path,
                    "status": status[0],
                    "ms": round((time.perf_counter() - clock) * 1000, 1),
                    "request": request.shown(),
                    "response": response.shown(),
                    **scope[NOTES],
                }
            )
