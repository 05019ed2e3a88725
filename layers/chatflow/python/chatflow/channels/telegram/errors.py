"""Maps Telegram's answers to Chatflow's errors. Pure.

An answer names an `error_code`, which is the HTTP status, and a `description` for people whose wording "may change"
(Bot API, "Making requests"). So the status decides what is done, and the description only what is said: an unknown one
costs no message. The descriptions are those of Telegram's own server (github.com/tdlib/telegram-bot-api).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from chatflow.channels.retry_after import retry_after
from chatflow.channels.untrusted_json import json_object, optional_text, whole_number
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable, InvalidInput
from chatflow.messages import FailureReason

UNAUTHORIZED: Final = frozenset({401, 404})  # a revoked token, and what is no token: the address names no method then
TOO_BIG: Final = "file is too big"  # of `getFile`

_TOO_MANY: Final = 429
_TOO_LARGE: Final = 413
_LONGEST_WAIT: Final = 3600.0  # seconds; a channel that asks for more is tried again all the same
# Seconds for which the whole bot is silent after a 429. Telegram does not say whether it means the chat or the bot, and
# one busy chat must not silence the others for long.
_LONGEST_SILENCE: Final = 3.0
_REMEDY: Final = "store a new bot_token in the account's secret"

# What a description means, in small letters. Looked for in this order.
_UNREACHABLE: Final = (
    *("bot was blocked", "user is deactivated", "chat not found", "can't initiate conversation", "user not found"),
    *("no rights to send", "not enough rights", "peer_id_invalid", "chat_write_forbidden", "bot was kicked"),
    *("can't send messages to bots", "not a member of the", "chat was deleted", "chat was upgraded"),
    "privacy_premium_required",
)
_FILE: Final = (
    *("file", "photo", "image", "video", "audio", "voice", "document", "media", "webpage_", "dimensions", "http url"),
    "too large",
)
_CAUSES: Final[tuple[tuple[FailureReason, tuple[str, ...]], ...]] = (
    ("unreachable", _UNREACHABLE),
    ("file", _FILE),
    ("account", ("frozen", "payment", "balance")),
)

# What may be a token, an id or a number of a person. Telegram's own words, such as PHOTO_INVALID_DIMENSIONS, have no
# digits.
_CONFIDENTIAL: Final = re.compile(r"[\w.=/+:-]{40,}|(?=[\w.=/+:-]*\d)[\w.=/+:-]{16,}|\d{4,}")
_LONGEST_EXPLANATION: Final = 300  # characters


def error_for(
    status: int, headers: Mapping[str, str], body: bytes
) -> ChannelRefused | ChannelUnavailable | ChannelInDoubt:
    """The error that an answer without a result means. Its message holds nothing secret or personal.

    429: nothing was done, and it names the seconds to wait. 5xx: the message may have been sent.
    """
    answer = _answer(body)
    code = _whole(answer.get("error_code")) or status
    description = optional_text(answer, "description")
    explanation = _CONFIDENTIAL.sub("…", description)[:_LONGEST_EXPLANATION] or f"HTTP {status} without a reason"
    after = min(_named_wait(answer) or retry_after(headers), _LONGEST_WAIT)
    if code == _TOO_MANY:
        silence = min(max(after, 1.0), _LONGEST_SILENCE)
        return ChannelUnavailable(f"Telegram answered {code}: {explanation}", after, code, silence)
    if code >= 500:
        return ChannelInDoubt(f"Telegram answered {code}: {explanation}", after, code)
    cause = _cause(code, description.lower())
    return ChannelRefused(code, f"{explanation} ({_REMEDY})" if code in UNAUTHORIZED else explanation, cause)


def _cause(code: int, description: str) -> FailureReason:
    if code in UNAUTHORIZED:
        return "account"
    if code == _TOO_LARGE:
        return "file"
    for cause, phrases in _CAUSES:
        if any(phrase in description for phrase in phrases):
            return cause
    if not description:
        return "unknown"
    return "unreachable" if code == 403 else "content"


def _answer(body: bytes) -> dict[str, Any]:
    try:
        return json_object(json.loads(body), "answer")
    except (ValueError, RecursionError, InvalidInput):
        return {}


def _named_wait(answer: dict[str, Any]) -> float:
    parameters = answer.get("parameters")
    return float(_whole(parameters.get("retry_after"))) if isinstance(parameters, dict) else 0.0


def _whole(value: Any) -> int:
    try:
        return whole_number(value, "number")
    except InvalidInput:
        return 0
