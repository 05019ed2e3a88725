"""Long texts are cut where a reader would pause, and lose nothing but blanks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.whatsapp.rendering import length, split


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
def test_a_text_is_cut_as(text: str, limit: int, pieces: list[str]) -> None:
    assert split(text, limit) == pieces


def test_an_emoji_counts_as_the_two_units_that_it_takes() -> None:
    assert length("a😀é") == 4


@given(text=st.text(st.sampled_from("ab 😀\n\té"), max_size=200), limit=st.integers(2, 40))
def test_every_piece_fits_and_no_word_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < length(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
