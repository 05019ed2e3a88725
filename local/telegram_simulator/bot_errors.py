"""The errors with which the Bot API refuses a request.

Descriptions follow the source of Telegram's server (tdlib/telegram-bot-api) and public reports. Telegram does not
promise them; a client should rely on `error_code` and `parameters`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.simulator.faults import REASON, Fault


class BotError(Exception):
    """A request that Telegram would refuse. `retry_after` is in seconds."""

    def __init__(self, status: int, description: str, *, retry_after: int = 0) -> None:
        super().__init__(description)
        self.status = status
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON body of the HTTP response."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": str(self)}
        return body | ({"parameters": {"retry_after": self.retry_after}} if self.retry_after else {})


def bad_request(text: str) -> BotError:
    return BotError(400, f"Bad Request: {text}")


def forbidden(text: str) -> BotError:
    return BotError(403, f"Forbidden: {text}")


def wrong_file() -> BotError:
    return bad_request("wrong file identifier/HTTP URL specified")


def too_large() -> BotError:
    return BotError(413, "Request Entity Too Large")


@dataclass
class BotFault(Fault):
    """A fault that is shown as an error of the Bot API; with `retry_after` (seconds), as one of its limits."""

    description: str = ""
    retry_after: int = 0

    def error(self) -> BotError:
        if self.retry_after:
            return BotError(429, f"Too Many Requests: retry after {self.retry_after}", retry_after=self.retry_after)
        return BotError(self.status, self.description or REASON)
