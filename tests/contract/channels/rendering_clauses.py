"""How a channel must render our messages."""

from __future__ import annotations

import json
from typing import Any

from chatflow.messages import Choices, Option, OutgoingMessage, Text
from tests.contract.channels.applicability import only_with, only_without
from tests.contract.channels.assertions import must_work, texts
from tests.contract.channels.channel_under_test import Channel

MESSAGES: tuple[OutgoingMessage, ...] = (
    Text("Hello"),
    Choices("Which?", (Option("yes", "Yes"), Option("no", "No"))),
    Choices("Which?", tuple(Option(f"id_{number}", f"Option {number}") for number in range(30))),
)


def rendering_is_json_and_repeatable(channel: Channel) -> None:
    for message in MESSAGES:
        bodies = rendered(channel, message)
        assert bodies, message
        assert bodies == rendered(channel, message)
        with must_work("json"):
            json.dumps(bodies)


def every_choice_can_be_chosen(channel: Channel) -> None:
    for count in (1, 3, 4, 10, 11, 30):
        options = tuple(Option(f"id_{number}", f"Option {number}") for number in range(count))
        shown = list(texts(rendered(channel, Choices("Which?", options))))
        by_id = all(option.id in shown for option in options)
        by_number = all(f"{at}. {option.title}" in "\n".join(shown) for at, option in enumerate(options, start=1))
        assert by_id or by_number, f"{count} options"


@only_with("buttons")
def a_few_options_are_buttons(channel: Channel) -> None:
    _shows_ids(channel, 2)


@only_with("list")
def some_options_are_a_list(channel: Channel) -> None:
    _shows_ids(channel, 10)


@only_without("buttons", "list")
def options_are_numbered_in_a_text(channel: Channel) -> None:
    shown = "\n".join(texts(rendered(channel, Choices("Which?", (Option("id_yes", "Yes"), Option("id_no", "No"))))))
    assert "1. Yes" in shown
    assert "2. No" in shown
    assert "id_yes" not in shown


def a_long_text_arrives_whole(channel: Channel) -> None:
    words = [f"word{number}" for number in range(3_000)]
    sent = " ".join(texts(rendered(channel, Text(" ".join(words))))).split()
    assert [word for word in sent if word.startswith("word")] == words


def _shows_ids(channel: Channel, count: int) -> None:
    options = tuple(Option(f"id_{number}", f"Option {number}") for number in range(count))
    assert {each.id for each in options} <= set(texts(rendered(channel, Choices("Which?", options))))


def rendered(channel: Channel, message: OutgoingMessage) -> list[Any]:
    bodies: list[Any] = channel.part("rendering").render(message, channel.examples.CONTACT)
    return bodies
