"""Matches authors' regular expressions against customers' texts, in time linear in the text's length.

RE2 guarantees this (decision record 0011): no pattern can stall, and none needs to be checked for it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

MAX_TEXT_LENGTH = 4096  # characters, on every channel; a longer text matches nothing


class BadPattern(ValueError):
    """A pattern that RE2 refuses; the message is RE2's own reason."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches the pattern. Raises BadPattern."""
    if len(text) > MAX_TEXT_LENGTH:
        return False
    match: object = compiled(pattern).fullmatch(text.encode("utf-8", "replace").decode())
    return match is not None


@lru_cache(maxsize=256)  # only authors write patterns, so customers cannot flood it
def compiled(pattern: str) -> Any:
    """The compiled pattern. Raises BadPattern."""
    import re2  # 4 ms: a node without a pattern does not pay for it

    options = re2.Options()
    options.log_errors = False  # it would write the pattern to the standard error output
    try:
        return re2.compile(pattern.encode("utf-8", "replace").decode(), options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise BadPattern(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
