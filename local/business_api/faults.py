"""Fault injection: a middleware that fails, stalls, delays or cuts requests on demand."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Mode = Literal["fail", "status", "slow", "stall", "cut"]


@dataclass
class Fault:
    """One planned fault.

    `fail` answers 500, `status` the given status, `slow` the real answer after `seconds`, `stall` nothing for
    `seconds` and then cuts, `cut` ends the connection. The fault occurs before the body is read unless `after_body`;
    with `handled` the request first takes full effect and only its answer is lost.
    """

    path: str = "*"  # exact, or a pattern with *
    mode: Mode = "fail"
    status: int = 503
    seconds: float = 19.0
    times: int = 0  # 0: until it is removed
    after_body: bool = False
    handled: bool = False

    def __post_init__(self) -> None:
        if self.mode not in ("fail", "status", "slow", "stall", "cut"):
            raise ValueError(f"unknown mode {self.mode!r}")


class FaultInjection:
    """ASGI middleware with the planned faults, and a log of every request outside /api."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.faults: list[Fault] = []
        self.requests: deque[dict[str, Any]] = deque(maxlen=20_000)

    def add_fault(self, properties: dict[str, Any]) -> Fault:
        """Plan one fault; raises TypeError or ValueError for invalid properties."""
        fault = Fault(**properties)
        self.faults.append(fault)
        return fault

    def faults_json(self) -> list[dict[str, Any]]:
        """The planned faults that have not ended, in JSON form."""
        return [asdict(fault) for fault in self.faults]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/" or scope["path"].startswith(("/api", "/uploads/")):
            await self.app(scope, receive, send)
            return
        fault = self._take(scope["path"])
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        entry: dict[str, Any] = {
            "at": time.time(),
            "method": scope["method"],
            "path": scope["path"],
            "idempotency_key": headers.get("idempotency-key", ""),
            "content_length": headers.get("content-length", ""),
            "fault": fault.mode if fault else "",
            "status": None,  # remains None when no answer was sent
            "sha256": "",  # of the answer's body, as far as it was sent
        }
        self.requests.append(entry)

        body_hash = hashlib.sha256()

        async def logging_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            else:
                body_hash.update(message.get("body", b""))
                entry["sha256"] = body_hash.hexdigest()
            await send(message)

        if fault is None:
            await self.app(scope, receive, logging_send)
        else:
            await self._fail(fault, scope, receive, logging_send)

    def _take(self, path: str) -> Fault | None:
        """The first fault of this path, counted down."""
        for fault in self.faults:
            if fnmatchcase(path, fault.path):
                if fault.times:
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                return fault
        return None

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        withheld: list[Message] = []

        async def withhold(message: Message) -> None:
            withheld.append(message)

        if fault.handled or (fault.mode == "slow" and fault.after_body):
            await self.app(scope, receive, withhold)
        elif fault.after_body:
            await _discard_body(receive)
        if fault.mode in ("slow", "stall"):
            await asyncio.sleep(fault.seconds)
        if fault.mode == "slow":
            for message in withheld:
                await send(message)
            if not withheld:
                await self.app(scope, receive, send)
        elif fault.mode in ("stall", "cut"):
            _connection(receive).abort()
        else:
            status = 500 if fault.mode == "fail" else fault.status
            await JSONResponse({"error": {"message": "failing on purpose"}}, status)(scope, receive, send)


async def _discard_body(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


def _connection(receive: Receive) -> Any:
    # ASGI cannot cut a connection. In uvicorn, `receive` is a bound method of the object that holds the connection.
    return receive.__self__.transport  # type: ignore[attr-defined]
