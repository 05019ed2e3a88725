"""Maps Meta's error codes to Chatflow's errors. Pure.

The code decides: the same code comes with HTTP 400, 403 and 429 (Meta: "Cloud API error codes"). The HTTP status counts
when the code is unknown. For a failure of Meta's servers it also says whether the message may have been sent: after
5xx it may, after 4xx it was not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from chatflow.channels.retry_after import retry_after
from chatflow.channels.untrusted_json import json_object, loggable_explanation, text, whole_number
from chatflow.channels.whatsapp.failure_reasons import failure_reason
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable, InvalidInput

# Codes of limits: nothing was done, and the same call may succeed after these seconds.
_RETRY_SECONDS: Final[Mapping[int, float]] = {
    4: 60.0,  # the app's rate, counted over an hour
    80007: 60.0,  # the account's rate, counted over an hour
    130429: 1.0,  # the number's throughput, counted in messages a second
    131056: 4.0,  # too many to one customer: Meta advises 4^X seconds, and about six earn one message
    131057: 60.0,  # the number is being upgraded
}
_PAIR_RATE: Final = 131056  # concerns one customer; the other limits concern every message of the number

# Failures of Meta's servers: unknown, the service is down, something went wrong, the service is unavailable.
_SERVER_FAILURES: Final = frozenset({1, 2, 131000, 131016})
_TOO_MANY_REQUESTS: Final = 429

# Codes that stay until a person acts, and what to do.
_REMEDIES: Final[Mapping[int, str]] = {
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


def error_for(
    status: int, headers: Mapping[str, str], body: bytes
) -> ChannelRefused | ChannelUnavailable | ChannelInDoubt:
    """The error that an answer with a status of 400 or more means. Its message holds nothing secret or personal."""
    error = _error(body)
    code = _code(error)
    explanation = _explanation(error) or f"HTTP {status} without a reason"
    asked = retry_after(headers)
    if code in _RETRY_SECONDS:
        after = max(_RETRY_SECONDS[code], asked)
        account_after = 0.0 if code == _PAIR_RATE else after
        return ChannelUnavailable(f"WhatsApp answered {code}: {explanation}", after, code, account_after)
    if code in _REMEDIES or code in _PERMISSIONS:
        remedy = _REMEDIES.get(code, _REMEDIES[10])
        return ChannelRefused(code, f"{explanation} ({remedy})", failure_reason(code))
    transient = error.get("is_transient") is True or code in _SERVER_FAILURES
    if transient or (not _is_final(code) and (status == _TOO_MANY_REQUESTS or status >= 500)):
        kind = ChannelInDoubt if status >= 500 else ChannelUnavailable
        return kind(f"WhatsApp answered HTTP {status}: {explanation}", asked, max(code, 0))
    return ChannelRefused(max(code, 0), explanation, failure_reason(code))


def _is_final(code: int) -> bool:
    """Whether the code means that WhatsApp will never send this message, whatever the HTTP status says."""
    return code == 100 or 131_000 <= code < 134_000


def _error(body: bytes) -> dict[str, Any]:
    try:
        return json_object(json_object(json.loads(body), "answer").get("error"), "error")
    except (ValueError, RecursionError, InvalidInput):
        return {}


def _code(error: dict[str, Any]) -> int:
    """Meta's code, -1 when there is none: 0 is one of Meta's codes."""
    try:
        return whole_number(error.get("code"), "code")
    except InvalidInput:
        return -1


def _explanation(error: dict[str, Any]) -> str:
    """Meta's message and details; the details name the parameter or limit."""
    try:
        data = error.get("error_data")
        details = text(data, "details") if isinstance(data, dict) else ""
        return loggable_explanation(": ".join(part for part in (text(error, "message"), details) if part))
    except InvalidInput:
        return ""
