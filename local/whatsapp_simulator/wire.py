"""What went over the wire, both ways: the last exchanges, as the chat page's drawer and scripts show them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

KEPT = 500
BODY_KEPT = 64 * 1024  # bytes of a body that are kept for showing

TO_BUSINESS = "to_business"
FROM_BUSINESS = "from_business"


class Wire:
    """A ring of exchanges, numbered from 1."""

    def __init__(self) -> None:
        self.last = 0
        self._exchanges: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._changed = asyncio.Event()

    def add(self, exchange: dict[str, Any]) -> None:
        self.last += 1
        self._exchanges.append({"seq": self.last, **exchange})
        self.wake()

    def wake(self) -> None:
        """Let everyone who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def after(self, seq: int) -> list[dict[str, Any]]:
        return [exchange for exchange in self._exchanges if exchange["seq"] > seq]

    async def wait(self, seconds: float) -> None:
        """Return at the next exchange or after so many seconds."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return


def shown_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers with the access token masked to its last four characters."""
    return {name: f"Bearer •••{value[-4:]}" if name.lower() == "authorization" else value for name, value in headers}


def shown_body(body: bytes, content_type: str) -> str | None:
    """The text of a body that a person can read; None for files and for what is too large."""
    readable = content_type.partition(";")[0].strip() in ("application/json", "text/plain", "text/html")
    return body.decode(errors="replace") if readable and len(body) <= BODY_KEPT else None
