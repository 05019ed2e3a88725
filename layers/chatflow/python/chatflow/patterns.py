"""Regular expressions of authors, against texts of customers: the time grows with the text's length and no faster.

That is RE2's promise (decision record 0011), so no pattern can stall, and none needs to be judged for whether it might.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

LONGEST_TEXT = 4096  # characters, WhatsApp's own limit; a longer text matches nothing


class BadPattern(ValueError):
    """What RE2 does not take; the message says why, in its words."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is of the form that the pattern describes. Raises BadPattern."""
    if len(text) > LONGEST_TEXT:
        return False
    found: object = compiled(pattern).fullmatch(text.encode("utf-8", "replace").decode())
    return found is not None


@lru_cache(maxsize=256)  # only authors write patterns, so customers cannot flood it
def compiled(pattern: str) -> Any:
    """The pattern, ready to match. Raises BadPattern."""
    import re2  # 4 ms: a node without a pattern does not pay for it

    options = re2.Options()
    options.log_errors = False  # it would write the pattern to the standard error output
    try:
        return re2.compile(pattern.encode("utf-8", "replace").decode(), options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise BadPattern(said.decode(errors="replace") if isinstance(said, bytes) else str(said)) from None
