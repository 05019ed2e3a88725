"""Regular expressions of flow authors: whether they can be followed.

That none can stall is the care of `chatflow.patterns`.
"""

from __future__ import annotations

import re

from chatflow.patterns import BadPattern, compiled

LONGEST = 500  # characters
_MISSED = re.compile(r"\(\?(?:=|!|<[=!])|\\[1-9]|\(\?P=")  # what other engines have, at the price of stalling


def trouble(pattern: str) -> str:
    """What is wrong with a pattern and what to do, or nothing."""
    if len(pattern) > LONGEST:
        return f"This pattern is too long: at most {LONGEST} characters."
    if re.search(r"\[\[.*\]\]", pattern):
        return "A pattern cannot hold [[variables]]. Compare with a condition instead."
    try:
        compiled(pattern)
    except BadPattern as error:
        if _MISSED.search(pattern):
            return (
                "Patterns cannot look ahead or behind, nor refer to a group: with that, a hostile answer could stall "
                "them. Write the form itself, or compare with conditions one after the other."
            )
        return f"This is not a regular expression that RE2 takes: {error}."
    return ""
