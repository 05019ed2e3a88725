"""Our messages as Telegram gets them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.telegram.profile import LIMITS
from chatflow.channels.telegram.rendering import render, split_caption
from chatflow.messages import Choices, Option, Text
from tests.unit.chatflow.channels.telegram.examples import CONTACT


def options(count: int, **more: Any) -> tuple[Option, ...]:
    return tuple(Option(f"id_{number}", f"Option {number}", **more) for number in range(1, count + 1))


def buttons(body: dict[str, Any]) -> list[tuple[str, str]]:
    rows = body["reply_markup"]["inline_keyboard"]
    assert all(len(row) == 1 for row in rows)
    return [(row[0]["callback_data"], row[0]["text"]) for row in rows]


def test_a_text_goes_out_as_it_is_written() -> None:
    text = "<b>2 * 3_4</b> [x](y) `z` \\ & é 📷"
    [body] = render(Text(text), CONTACT)
    assert body == {"chat_id": CONTACT, "text": text, "link_preview_options": {"is_disabled": True}}


def test_a_preview_of_a_link_is_shown_where_the_flow_wants_one() -> None:
    assert render(Text("https://x.example", preview_url=True), CONTACT) == [
        {"chat_id": CONTACT, "text": "https://x.example"}
    ]


def test_an_empty_text_is_no_message() -> None:
    assert render(Text("  \n"), CONTACT) == []


@pytest.mark.parametrize("count", [1, 3, 10, 11, 100])
def test_options_are_buttons_one_below_the_other(count: int) -> None:
    [body] = render(Choices("Which?", options(count)), CONTACT)
    assert body["text"] == "Which?"
    assert buttons(body) == [(each.id, each.title) for each in options(count)]


def test_what_stands_below_a_title_is_shown_in_the_text() -> None:
    [body] = render(Choices("Which?", options(2, description="by post")), CONTACT)
    assert body["text"] == "Which?\n\nOption 1 - by post\nOption 2 - by post"
    assert len(buttons(body)) == 2


@pytest.mark.parametrize(
    "unfit",
    [
        options(101),
        (Option("a", "Yes"), Option("b", "Yes")),  # two buttons that look alike
        (Option("a", "x" * 65),),
        (Option("x" * 65, "Yes"),),
        (Option("ä" * 33, "Yes"),),  # 66 bytes
    ],
    ids=["many", "alike", "long-title", "long-id", "many-bytes"],
)
def test_options_that_no_keyboard_holds_are_numbered_lines(unfit: tuple[Option, ...]) -> None:
    [body, *_] = bodies = render(Choices("Which?", unfit), CONTACT)
    assert all("reply_markup" not in each for each in bodies)
    assert body["text"].startswith(f"Which?\n\n1. {unfit[0].title}\n2. " if len(unfit) > 1 else "Which?\n\n1. ")


def test_only_the_end_of_a_long_question_carries_the_buttons() -> None:
    *before, last = render(Choices("word " * 2000, options(2)), CONTACT)
    assert before
    assert all("reply_markup" not in each for each in before)
    assert len(buttons(last)) == 2


@given(st.text(max_size=9000))
def test_no_piece_of_a_text_is_longer_than_telegram_takes(text: str) -> None:
    pieces = [body["text"] for body in render(Text(text), CONTACT)]
    assert all(0 < LIMITS.length(piece) <= 4096 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(max_size=3000))
def test_what_a_caption_is_too_long_for_follows_it(caption: str) -> None:
    first, rest = split_caption(caption)
    assert LIMITS.length(first) <= 1024
    assert "".join((first + rest).split()) == "".join(caption.split())
