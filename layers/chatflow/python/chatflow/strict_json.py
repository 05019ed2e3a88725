"""Parses untrusted JSON, such as a webhook's body or an API's answer. Refuses whatever parsers disagree about. Pure.

Costly input is refused before it is parsed: the depth of nesting is counted by brackets.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 32  # levels: as deep as a DynamoDB item may be
_EXACT_INTEGER = 2**53 - 1  # beyond it JSONata and JavaScript lose digits
_STRING = re.compile(
    rb'"(?:[^"\\]+|\\.)*+(?:"|\\?\Z)', re.DOTALL
)  # a string without an end matches up to the end: no retry
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = frozenset(b"[{")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def strict_json(body: bytes) -> Any:
    """The value of these bytes. Raises ValueError, whose message holds nothing of them.

    Refuses duplicate keys, NaN and infinities, encodings other than UTF-8, and more than 32 levels. Integers too large
    for a double become text, so that an identifier keeps its digits. Half surrogate pairs become "?".
    """
    _check_depth(body)
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refused_number,
            parse_float=_finite,
            parse_int=_exact,
        )
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {type(error).__name__}") from None
    return _whole_characters(value) if _HALF.search(text) else value


def _check_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _STRING.sub(b"", body).translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in _OPENING else -1
        if depth > MAX_DEPTH:
            raise ValueError(f"JSON of more than {MAX_DEPTH} levels")


def _whole_characters(value: Any) -> Any:
    """The value without half surrogate pairs, as of an emoji that was cut in two: UTF-8 cannot encode them."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        raise ValueError("JSON with one key twice")
    return unique


def _refused_number(name: str) -> Any:
    raise ValueError(f"JSON with {name}")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused_number("a number without end")


def _exact(text: str) -> int | str:
    return int(text) if len(text) < 20 and abs(int(text)) <= _EXACT_INTEGER else text
