"""A chaos run is judged by what the phones and the business saw; each kind of damage is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from local.chaos.verdict import SentFile, Story, Verdict, judge

EXPECTED = ("Send me the first", "Now the second", "Thank you")
STORY = Story(
    number="491600000001",
    files=(SentFile("aa"), SentFile("bb")),
    heard=("Send me the first of two files.", "Now the second one.", "Thank you, both have arrived."),
    expected=EXPECTED,
)


def counts(verdict: Verdict) -> dict[str, int]:
    return {
        kind: getattr(verdict, kind)
        for kind in ("lost", "doubled", "reordered", "corrupted", "stuck", "unanswered")
        if getattr(verdict, kind)
    }


def test_an_undisturbed_run_is_clean_and_says_so_in_one_line() -> None:
    verdict = judge([STORY, replace(STORY, number="491600000002", files=(SentFile("cc"),))], ["aa", "bb", "cc"])

    assert verdict.clean
    assert (
        str(verdict)
        == "chaos: 2 conversations, 3 files: lost 0, doubled 0, reordered 0, corrupted 0, stuck 0, unanswered 0"
    )


@pytest.mark.parametrize(
    ("story", "business", "found"),
    [
        ({}, ["aa"], {"lost": 1}),
        ({"files": (SentFile("aa"), SentFile("bb", answered=False))}, ["aa"], {"lost": 1, "unanswered": 1}),
        ({}, ["aa", "bb", "bb"], {"doubled": 1}),
        ({"heard": (*STORY.heard, "Thank you, both.", "Thank you, both.")}, ["aa", "bb"], {"doubled": 1}),
        ({}, ["bb", "aa"], {"reordered": 1}),
        ({"heard": ("Now the second one.", "Send me the first.", "Thank you")}, ["aa", "bb"], {"reordered": 1}),
        ({}, ["aa", "bb", "00"], {"corrupted": 1}),
        ({"finished": False}, ["aa", "bb"], {"stuck": 1}),
        ({"silences": 2, "rounds": 3}, ["aa", "bb"], {"stuck": 1}),
    ],
)
def test_each_kind_of_damage_is_counted(story: dict[str, Any], business: list[str], found: dict[str, int]) -> None:
    verdict = judge([replace(STORY, **story)], business)

    assert counts(verdict) == found
    assert not verdict.clean
    assert len(verdict.problems) == sum(found.values())


@pytest.mark.parametrize(
    ("story", "business"),
    [
        ({"files": (SentFile("aa"), SentFile("bb", refused=True))}, ["aa"]),  # the customer knows
        ({"files": (SentFile("aa"), SentFile("bb", times=2))}, ["aa", "bb", "bb"]),  # sent again when asked to
        ({"heard": (*STORY.heard, "Thank you, both have arrived.")}, ["aa", "bb"]),  # in doubt: repeated once
        ({"in_sequence": False}, ["bb", "aa"]),  # the files of an album race
        ({"silences": 1, "rounds": 2}, ["aa", "bb"]),  # a message that was in doubt twice
    ],
)
def test_what_chatflow_promises_no_better_is_no_damage(story: dict[str, Any], business: list[str]) -> None:
    assert judge([replace(STORY, **story)], business).clean


def test_the_line_says_how_many_customers_began_again_after_a_silence() -> None:
    verdict = judge([replace(STORY, silences=1, rounds=2)], ["aa", "bb"])

    assert str(verdict).endswith("unanswered 0; began again after a silence: 1")
