"""Patterns of authors: what can be followed is taken, everything else is told in words that help."""

# ruff: noqa: RUF001 - letters of several languages are the point

from __future__ import annotations

import pytest

from chatflow.flows.pattern_rules import pattern_problem
from chatflow.patterns import matches

TAKEN = [
    ("[A-Z0-9 -]{2,10}", "CA 123", "ca"),
    (r"\d{4}-\d\d-\d\d", "2026-11-22", "2026-11-2"),
    (r"\w+( \w+)*", "one two", "one  two"),
    (r"(?:[a-z0-9]+\.)+[a-z]{2,}", "a.b.example", "a"),
    (r"[^@ ]+@[^@ ]+\.[a-z]+", "me@example.com", "me@example"),
    (r"\+?\d{6,15}", "+27821234567", "+2782"),
    (r"(yes|no|maybe)", "maybe", "may"),
    (r"(?i)yes", "YES", "yes!"),
    (r"a|ab", "ab", "abc"),
    (r"[\p{L} '-]{1,60}", "Zoë Ωμέγα-О'Нил", "R2"),
    (r"(?P<year>\d+)(-\d+)?", "2026-11", "-11"),
    (r"(a+)+", "aaa", "aab"),  # with other engines this one stalls
    ("🚗+", "🚗🚗", "🚕"),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), TAKEN)
def test_a_pattern_is_taken_and_means_what_it_says(pattern: str, good: str, bad: str) -> None:
    assert pattern_problem(pattern) == ""
    assert matches(pattern, good)
    assert not matches(pattern, bad)


@pytest.mark.parametrize("pattern", ["(?=a)b", "a(?!b)", "(?<=a)b", "(?<!a)b", r"(a)\1", r"(?P<n>a)(?P=n)"])
def test_what_could_stall_has_another_way(pattern: str) -> None:
    assert pattern_problem(pattern).startswith("Patterns cannot look ahead or behind, nor refer to a group: ")


@pytest.mark.parametrize("pattern", ["[A-Z", "(a", "a)", "*", "\\", "a{3,1}", "a{9999}", r"\p{No}"[:-1]])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    assert pattern_problem(pattern).startswith("This is not a regular expression that RE2 takes: ")


def test_a_pattern_that_is_too_large_when_written_out_is_told() -> None:
    assert "too large" in pattern_problem(r"(\p{L}{1,500}|\p{Lu}{1,500}){1,2}")


def test_a_pattern_holds_no_variables_and_has_an_end() -> None:
    assert pattern_problem("[[plate]]") == "A pattern cannot hold [[variables]]. Compare with a condition instead."
    assert pattern_problem("a" * 501) == "This pattern is too long: at most 500 characters."
