"""Words are compared as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.conversation.words import plain, plain_without_emoji

ALIKE = {
    "stop": [
        *("Stop.", "STOP!", "  stop  ", "Stop !", "*stop*", "_Stop_", "~stop~", "`stop`", "*Stop!*", "(stop)"),
        *("\u201cStop\u201d", "\u00abstop\u00bb", "\uff33\uff34\uff2f\uff30", "\u24e2top", "stop\u200f"),
        *("s\u00adtop", "Stop\u2026", "stop..."),
    ],
    "yes": ["Yes!", "YES", "Yes.", "\u00a1Yes!", "yes?"],
    "1": ["*1*", "1.", "1)", "(1)", "\uff11", "1\ufe0f\u20e3", "\u2460", " 1 "],
    "si": ["sí", "SÍ", "Si", "si\u0301", "Sí.", "Sì"],
    "alto": ["¡Alto!", "alto"],
    "no, gracias": ["No gracias", "no, gracias.", "No ,  gracias!"],
    "start again": ["*Start again*", "start  again", "Start\u00a0again!"],
    "don't": ["Don\u2019t", "DON'T!"],
    "strasse": ["Straße", "STRASSE"],
    "hayir": ["hay\u0131r", "HAYIR", "Hay\u0131r!"],
    "zolty": ["żółty", "ŻÓŁTY"],
    "елка": ["Ёлка", "ёлка"],
    "ガ": ["\uff76\uff9e", "カ\u3099"],
    "?": ["?", "\uff1f"],
    "c#": ["C#", "c#."],
    "a*": ["A*", "A*."],
}  # fmt: skip
DIFFERENT = [
    *(("stop", "stopp"), ("stop", "don't stop"), ("1", "10"), ("1", "1.5"), ("1", "-1"), ("a+", "a-"), ("a", "a+")),
    *(("c", "c#"), ("a", "a*"), ("が", "か"), ("की", "कु"), ("start again", "startagain"), ("yes", "?"), ("5", "5%")),
    ("\u0e01\u0e34\u0e19", "\u0e01\u0e34\u0e48\u0e19"),  # two Thai words that differ in their tone
]


@pytest.mark.parametrize(("word", "written"), [(word, each) for word, forms in ALIKE.items() for each in forms])
def test_people_write_one_word_in_many_ways(word: str, written: str) -> None:
    assert plain(written) == plain(word)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_words_that_mean_something_else_stay_apart(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\ufeff \u00ad"])
def test_a_text_that_nobody_sees_is_no_word(text: str) -> None:
    assert plain(text) == ""


@given(st.text(max_size=30))
def test_the_form_of_a_form_is_the_form_itself(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(max_size=30))
def test_a_word_of_an_earlier_version_is_still_the_same_word(text: str) -> None:
    """Routes that were published before hold words with capitals folded and single blanks."""
    assert plain(" ".join(text.casefold().split())) == plain(text)


def test_emoji_beside_a_word_may_be_left_out() -> None:
    assert plain("Yes \U0001f44d\U0001f3fd!") != "yes"
    assert plain_without_emoji("Yes \U0001f44d\U0001f3fd!") == "yes"
    assert plain_without_emoji("\U0001f44d") == ""
