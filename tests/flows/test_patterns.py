"""Patterns of authors: what compiles and cannot stall is taken, everything else is told."""

from __future__ import annotations

import re

import pytest

from chatflow.flows.patterns import trouble

SAFE = [
    "",
    "[A-Z0-9 -]{2,10}",
    r"\d{4}-\d\d-\d\d",
    r"\w+( \w+)*",
    r"([A-Za-z]+, )*[A-Za-z]+",
    r"(?:[a-z0-9]+\.)+[a-z]{2,}",
    r"[^@ ]+@[^@ ]+\.[a-z]+",
    r"\+?\d{6,15}",
    r"(yes|no|maybe)",
    r"(foo|bar)+",
    r"(\d{3} )+",
    r"(?i)[a-z]{1,3}-?\d+",
    r"(?P<year>\d+)(-\d+)?",
]
STALLING = [
    "(a+)+",
    "(a*)*b",
    r"(\w+\s?)*",
    "(.*)*",
    "(x+x+)+y",
    "(a|ab)*",
    "(a|aa|b)*c",
    "(a*,a*)+",
    "((a+))*",
    "(a{1,9}){1,20}",
]
BROKEN = ["[A-Z", "(a", "a)", "*", "(?P<n>a)(?P<n>b)", "[[a-z]", "\\", "a{3,1}"]


@pytest.mark.parametrize("pattern", SAFE)
def test_a_usual_pattern_is_taken(pattern: str) -> None:
    assert trouble(pattern) == ""
    re.compile(pattern)


@pytest.mark.parametrize("pattern", STALLING)
def test_a_pattern_that_can_stall_is_refused(pattern: str) -> None:
    re.compile(pattern)
    assert trouble(pattern).startswith("This pattern can stall on a hostile answer")


@pytest.mark.parametrize("pattern", BROKEN)
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    assert trouble(pattern).startswith(("This is not a regular expression: ", "This regular expression is not clear: "))


def test_a_pattern_holds_no_variables_and_has_an_end() -> None:
    assert trouble("[[plate]]") == "A pattern cannot hold [[variables]]. Compare with a condition instead."
    assert trouble("a" * 501) == "This pattern is too long: at most 500 characters."
