"""Validates regular expressions of flow authors. `chatflow.patterns` matches them in linear time."""

from __future__ import annotations

import re

from chatflow.patterns import BadPattern, compiled

LONGEST = 500  # characters
_UNSUPPORTED = re.compile(r"\(\?(?:=|!|<[=!])|\\[1-9]|\(\?P=")  # features of backtracking engines that RE2 lacks


def pattern_problem(pattern: str) -> str:
    """What is wrong with a pattern and how to fix it; empty when it is valid."""
    if len(pattern) > LONGEST:
        return f"This pattern is too long: at most {LONGEST} characters."
    if re.search(r"\[\[.*\]\]", pattern):
        return "A pattern cannot hold [[variables]]. Compare with a condition instead."
    try:
        compiled(pattern)
    except BadPattern as error:
        if _UNSUPPORTED.search(pattern):
            return (
                "Patterns cannot look ahead or behind, nor refer to a group: with that, a hostile answer could stall "
                "them. Write the form itself, or compare with conditions one after the other."
            )
        return f"This is not a regular expression that RE2 takes: {error}."
    return ""
