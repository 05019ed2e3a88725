"""Meta's error codes in our tree of errors. Pure.

The code decides: the same one comes with HTTP 400, 403 and 429 (Meta: "Cloud API error codes"). The HTTP status speaks
only where there is no code that we know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from chatflow.channels.whatsapp.untrusted import explanation, table, text, whole_number
from chatflow.errors import ChannelRefused, ChannelUnavailable, InvalidInput

# Codes after which the same call may work, and how many seconds to leave it alone (0: the caller's own back-off).
_AGAIN_AFTER: Final[Mapping[int, float]] = {
    1: 0.0,  # unknown, possibly temporary
    2: 0.0,  # the service is down
    4: 60.0,  # the app's rate, counted over an hour
    80007: 60.0,  # the account's rate, counted over an hour
    130429: 1.0,  # the number's throughput, counted in messages a second
    131000: 0.0,  # something went wrong
    131016: 0.0,  # the service is unavailable
    131056: 4.0,  # too many to one customer: Meta advises 4^X seconds, and about six earn one message
    131057: 60.0,  # the number is being upgraded
}

# Codes that stay until a person does something, and what that is.
_FOR_A_PERSON: Final[Mapping[int, str]] = {
    0: "store a new access_token in the channel's secret",
    10: "give the access token's system user the whatsapp_business_messaging permission",
    190: "store a new access_token in the channel's secret",
    368: "Meta blocked the account for its policy: see the account's quality page",
    130497: "Meta does not let this account write to that country",
    131031: "Meta locked the account: see the account's quality page",
    131042: "set up payment for the WhatsApp account",
    131048: "too many customers reported messages as spam: pause, and see the number's quality page",
}
_PERMISSIONS = range(200, 300)


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> ChannelRefused | ChannelUnavailable:
    """The error that an answer with a status from 400 on means. Nothing secret or personal is in its words."""
    error = _error(body)
    code = _code(error)
    words = _words(error) or f"HTTP {status} without a reason"
    asked = _seconds(headers.get("retry-after", ""))
    if code in _AGAIN_AFTER:
        return ChannelUnavailable(f"WhatsApp answered {code}: {words}", max(_AGAIN_AFTER[code], asked), code)
    if code in _FOR_A_PERSON or code in _PERMISSIONS:
        return ChannelRefused(code, f"{words} ({_FOR_A_PERSON.get(code, _FOR_A_PERSON[10])})")
    if error.get("is_transient") is True or (not _is_settled(code) and (status == 429 or status >= 500)):
        return ChannelUnavailable(f"WhatsApp answered HTTP {status}: {words}", asked, max(code, 0))
    return ChannelRefused(max(code, 0), words)


def _is_settled(code: int) -> bool:
    """Whether the code is one of WhatsApp's own for a message that it will not send, whatever the HTTP status says."""
    return code == 100 or 131_000 <= code < 134_000


def _error(body: bytes) -> dict[str, Any]:
    try:
        return table(table(json.loads(body), "answer").get("error"), "error")
    except (ValueError, RecursionError, InvalidInput):
        return {}


def _code(error: dict[str, Any]) -> int:
    """-1 when there is none: 0 is a code of Meta's."""
    try:
        return whole_number(error.get("code"), "code")
    except InvalidInput:
        return -1


def _words(error: dict[str, Any]) -> str:
    """Meta's title and details; the details say which parameter or limit it was."""
    try:
        data = error.get("error_data")
        details = text(data, "details") if isinstance(data, dict) else ""
        return explanation(": ".join(said for said in (text(error, "message"), details) if said))
    except InvalidInput:
        return ""


def _seconds(retry_after: str) -> float:
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 6 else 0.0
