"""Regular expressions of flow authors: whether they compile, and whether a hostile answer could stall them.

Python's engine tries every way to match. A repetition inside a repetition, or one whose alternatives overlap, can have
so many ways that a short answer takes hours, so such a pattern is refused when it is published. What is taken is the
common safe form, in which every round begins or ends with something that stands nowhere else in it: `\\w+( \\w+)*`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # the parse that `re` itself works with
from typing import Any

LONGEST = 500  # characters
_OFTEN = 10  # a repetition that may run this often counts as endless
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_ONE_CHARACTER = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY)
_ALPHABET = [chr(code) for code in range(0x0250)] + ["\u20ac", "\u4e00", "\U0001f600"]


def trouble(pattern: str) -> str:
    """What is wrong with a pattern and what to do, or nothing."""
    if len(pattern) > LONGEST:
        return f"This pattern is too long: at most {LONGEST} characters."
    if re.search(r"\[\[.*\]\]", pattern):
        return "A pattern cannot hold [[variables]]. Compare with a condition instead."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
            parsed = _parser.parse(pattern)
    except re.error as error:
        place = f" at character {error.pos + 1}" if error.pos is not None else ""
        return f"This is not a regular expression: {error.msg}{place}."
    except (Warning, OverflowError, RecursionError) as error:
        return f"This regular expression is not clear: {error}."
    if any(_stalls(body) for body in _rounds(parsed)):
        return (
            "This pattern can stall on a hostile answer: something that repeats stands inside something that repeats, "
            "as in (a+)+, or its alternatives overlap, as in (a|ab)*. Write it so that only one of them repeats."
        )
    return ""


def _rounds(parsed: Any) -> Iterator[Any]:
    """The body of every repetition without a small bound, at any depth."""
    for operation, argument in parsed:
        if operation in _REPEATS and argument[1] >= _OFTEN:
            yield argument[2]
        for inside in _inside(argument):
            yield from _rounds(inside)


def _stalls(body: Any) -> bool:
    """Whether a text can be divided into rounds of this body in more ways than one."""
    parts = list(_parts(body))
    if any(operation is _constants.BRANCH and _overlap(argument[1]) for operation, argument in parts):
        return True
    elastic = sum(operation in _REPEATS and argument[0] != argument[1] for operation, argument in parts)
    return elastic > 1 or (elastic == 1 and not _separated(body))


def _separated(body: Any) -> bool:
    """Whether the first or the last character of a round stands nowhere else in it."""
    body = _unwrapped(body)
    for edge, rest in ((body[:1], body[1:]), (body[-1:], body[:-1])):
        if edge[0][0] in _ONE_CHARACTER and not _letters(edge) & _letters(rest):
            return True
    return False


def _unwrapped(body: Any) -> Any:
    while len(body) == 1 and body[0][0] is _constants.SUBPATTERN:
        body = body[0][1][-1]
    return body


def _letters(body: Any) -> set[str]:
    """The letters that any single character of a body may be."""
    letters: set[str] = set()
    for part in _parts(body):
        if part[0] in _ONE_CHARACTER:
            one = _compiler.compile(_parser.SubPattern(_parser.State(), [part]))
            letters.update(each for each in _ALPHABET if one.fullmatch(each))
    return letters


def _overlap(branches: list[Any]) -> bool:
    """Whether two alternatives may begin alike; anything but plain, different letters is taken to."""
    firsts = [branch[0] if len(branch) else None for branch in branches]
    letters = [first[1] for first in firsts if first is not None and first[0] is _constants.LITERAL]
    return len(letters) < len(firsts) or len(set(letters)) < len(letters)


def _parts(body: Any) -> Iterator[Any]:
    for part in body:
        yield part
        for inside in _inside(part[1]):
            yield from _parts(inside)


def _inside(argument: Any) -> Iterator[Any]:
    """The parsed patterns inside an operation's argument, whatever its shape."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for each in argument:
            yield from _inside(each)
