"""Readers for JSON values that a channel, or anyone on the internet, wrote. They assume no key and no type.

Each raises InvalidInput when a value has another type than it must have, and names what was read. Those called
`optional` never raise: nothing depends on what they read. Pure.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from chatflow.errors import InvalidInput

_LONGEST = 8192  # characters of a text: more than channels let businesses write, or put in an address of their own
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEX_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_LARGEST_WHOLE = 2**53  # what every JSON reader and DynamoDB keep exactly

# Of a form's answers. At most 30 files are in one, each described in about 200 bytes.
_LARGEST_OBJECT = 8 * 1024  # bytes
_LONGEST_KEY = 200
_LONGEST_ANSWER = 4096  # characters
_MOST_ENTRIES = 30

# Tokens, message ids and phone numbers: long runs without a space, or seven digits and more (error codes have six).
_CONFIDENTIAL = re.compile(r"\+?\d[\d ().-]{5,}\d|[\w.=/+-]{24,}")
_LONGEST_EXPLANATION = 300  # characters


def json_object(value: Any, name: str) -> dict[str, Any]:
    """A JSON object. Raises InvalidInput with `name` otherwise."""
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} is not an object")
    return value


def json_list(value: Any, name: str) -> list[Any]:
    """A JSON array; a missing one (None) is empty. Raises InvalidInput with `name` otherwise."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidInput(f"{name} is not a list")
    return value


@dataclass
class Cut:
    """Whether something was cut off while a message was read."""

    happened: bool = False


def text(holder: dict[str, Any], key: str, cut: Cut | None = None) -> str:
    """The text under a key, "" when there is none. Half a surrogate pair, which UTF-8 lacks, becomes "?".

    Raises InvalidInput for another type, and for more than 8192 characters unless `cut` is given: then they are cut.
    """
    value = holder.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"{key} is not a text")
    if len(value) > _LONGEST:
        if cut is None:
            raise InvalidInput(f"{key} is longer than any that a channel sends")
        cut.happened = True
        value = value[:_LONGEST]
    return value.encode("utf-8", "replace").decode()


def required_text(holder: dict[str, Any], key: str) -> str:
    """The text under a key, which must not be empty. Raises InvalidInput."""
    if not (value := text(holder, key)):
        raise InvalidInput(f"{key} is missing")
    return value


def optional_text(holder: dict[str, Any], key: str, cut: Cut | None = None) -> str:
    """The text under a key, "" when there is none, or anything but a text of the usual length (see `text`)."""
    try:
        return text(holder, key, cut)
    except InvalidInput:
        return ""


def optional_number(holder: dict[str, Any], key: str) -> int:
    """The whole number under a key, 0 when there is none, or anything else."""
    try:
        return whole_number(holder.get(key), key)
    except InvalidInput:
        return 0


def whole_number(value: Any, name: str) -> int:
    """A non-negative integer, which is sometimes written as a number and sometimes as a text. Raises InvalidInput."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,16}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST_WHOLE:
        raise InvalidInput(f"{name} is not a whole number")
    return value


def degrees(value: Any, most: int) -> float:
    """A latitude or longitude between -most and most. Raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        raise InvalidInput("a coordinate is out of range")
    return float(value)


def bounded_json(value: dict[str, Any], cut: Cut) -> dict[str, Any]:
    """A JSON object of a customer's making, cut to 8 KB: entries that no longer fit are left out.

    Lists keep 30 entries, texts 4096 characters, and levels below the fifth are dropped.
    """
    kept: dict[str, Any] = {}
    left = _LARGEST_OBJECT
    for key, each in value.items():
        small = _small(each, cut, levels=4)
        size = len(json.dumps({key: small}, ensure_ascii=False).encode("utf-8", "replace"))
        if size > left or len(key) > _LONGEST_KEY:
            cut.happened = True
            continue
        kept[key] = small
        left -= size
    return kept


def _small(value: Any, cut: Cut, levels: int) -> Any:
    if isinstance(value, str):
        cut.happened |= len(value) > _LONGEST_ANSWER
        return value[:_LONGEST_ANSWER].encode("utf-8", "replace").decode()
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        cut.happened = True
        return None
    if isinstance(value, dict):
        return {key: _small(each, cut, levels - 1) for key, each in value.items()}
    cut.happened |= len(value) > _MOST_ENTRIES
    return [_small(each, cut, levels - 1) for each in value[:_MOST_ENTRIES]]


def loggable_word(value: Any) -> str:
    """A name from a channel's vocabulary, safe to log; "unknown" for anything else."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "unknown"


def sha256_hex(value: str) -> str:
    """A SHA-256 in lower-case hex, of one in base64 or hex; "" when it is neither."""
    if _HEX_SHA256.fullmatch(value):
        return value.lower()
    try:
        digest = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_" if set("-_") & set(value) else None)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == 32 else ""


def loggable_explanation(explanation: str) -> str:
    """A channel's explanation of a failure, safe to log: without what may be a token, an id or a phone number."""
    return _CONFIDENTIAL.sub("…", explanation)[:_LONGEST_EXPLANATION]
