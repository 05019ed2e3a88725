"""JSON of strangers: a webhook's body, the answer of an API. Whatever parsers disagree about is refused. Pure.

What would be costly is refused before it is parsed: how deep a text is nested is counted in its brackets.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 32  # levels: as deep as a DynamoDB item may be
_EXACT_INTEGER = 2**53 - 1  # beyond it JSONata and JavaScript lose digits
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+(?:"|\\?\Z)', re.DOTALL)  # one that never ends reaches to the end: no retry
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = frozenset(b"[{")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def strict_json(body: bytes) -> Any:
    """The JSON in these bytes. Raises ValueError, whose words hold nothing of them.

    Refused are duplicate keys, NaN and infinities, other encodings than UTF-8, and more than 32 levels. Integers too
    large for a double become text, so that an identifier keeps its digits; halves of characters become "?".
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
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for bracket in _STRING.sub(b"", body).translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in _OPENING else -1
        if depth > DEEPEST:
            raise ValueError(f"JSON of more than {DEEPEST} levels")


def _whole_characters(value: Any) -> Any:
    """The same, without halves of characters: whoever cut an emoji in two, half of one cannot be sent on."""
    told = json.dumps(value, ensure_ascii=False)
    return json.loads(told.encode("utf-8", "replace"))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("JSON with one key twice")
    return found


def _refused_number(name: str) -> Any:
    raise ValueError(f"JSON with {name}")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused_number("a number without end")


def _exact(text: str) -> int | str:
    return int(text) if len(text) < 20 and abs(int(text)) <= _EXACT_INTEGER else text
