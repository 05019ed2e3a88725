"""What fits a channel's limits is counted as the channel counts, and what does not is cut or takes a plainer form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.message_limits import MessageLimits, Unit
from chatflow.messages import Choices, Option

UTF_16 = MessageLimits(text=100)
# Signs of 1, 2, 3 and 4 bytes, of which some need two units of UTF-16; a combining mark, and Arabic.
ODD = st.text(st.sampled_from("ab é\u0301ضي€😀👩\u200d\U0001f1e9\n\t"), max_size=200)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("short", 10, ["short"]),
        ("exactly 10", 10, ["exactly 10"]),
        ("", 10, []),
        (" \n\n ", 10, []),
        ("  around  ", 10, ["around"]),
        ("one two three", 8, ["one two", "three"]),
        ("one two three", 7, ["one two", "three"]),
        ("one two\nthree four", 12, ["one two", "three four"]),
        ("first part.\n\nsecond one is here", 20, ["first part.", "second one is here"]),
        ("a\n\nb is a rather long paragraph", 20, ["a\n\nb is a rather", "long paragraph"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
        ("😀😀😀😀", 5, ["😀😀", "😀😀"]),
    ],
)
def test_a_text_is_cut_where_a_reader_pauses(text: str, limit: int, pieces: list[str]) -> None:
    assert UTF_16.split(text, limit) == pieces


@pytest.mark.parametrize(("unit", "length"), [("utf-16", 4), ("characters", 3), ("bytes", 7)])
def test_a_text_is_as_long_as_the_channel_counts(unit: Unit, length: int) -> None:
    assert MessageLimits(text=100, unit=unit).length("a😀é") == length


@given(text=ODD, limit=st.integers(4, 40), unit=st.sampled_from(["utf-16", "characters", "bytes"]))
def test_every_piece_fits_and_no_word_is_lost(text: str, limit: int, unit: Unit) -> None:
    limits = MessageLimits(text=limit, unit=unit)
    pieces = limits.split(text, limit)
    assert all(0 < limits.length(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(text=st.text(st.sampled_from("aé€😀"), max_size=80), unit=st.sampled_from(["utf-16", "characters", "bytes"]))
def test_a_text_without_a_pause_fills_each_piece(text: str, unit: Unit) -> None:
    limits = MessageLimits(text=8, unit=unit)
    *full, _last = limits.split(text, 8) or [""]
    assert all(limits.length(piece) > 4 for piece in full)


BUTTONS = MessageLimits(text=100, question=100, buttons=3, button_title=5, button_id=5)
LIST = MessageLimits(text=100, question=100, rows=3, row_title=5, row_description=5, row_id=5, list_button=5)
NEITHER = MessageLimits(text=100)


@pytest.mark.parametrize(
    ("limits", "options", "shown"),
    [
        (BUTTONS, (Option("a", "A"),), ("buttons", "Which?")),
        (BUTTONS, (Option("a", "A", "first"), Option("b", "B")), ("buttons", "Which?\n\nA - first")),
        (BUTTONS, (Option("a", "Apples", "first"), Option("b", "B")), ("text", "Which?\n\n1. Apples - first\n2. B")),
        (LIST, (Option("a", "A"),), ("list", "Which?")),
        (LIST, (Option("a", "A", "12345"),), ("list", "Which?")),
        (LIST, (Option("a", "A", "123456"),), ("text", "Which?\n\n1. A - 123456")),
        (NEITHER, (Option("a", "A"),), ("text", "Which?\n\n1. A")),
        (BUTTONS, (), ("text", "Which?")),
        (LIST, (), ("text", "Which?")),
    ],
)
def test_a_channel_shows_options_in_a_form_that_it_has(
    limits: MessageLimits, options: tuple[Option, ...], shown: tuple[str, str]
) -> None:
    assert limits.present(Choices("Which?", options)) == shown
