"""How a channel must render our messages."""

from __future__ import annotations

import json
from typing import Any

from chatflow.messages import Choices, Option, OutgoingMessage, Text
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


def a_long_text_arrives_whole(channel: Channel) -> None:
    words = [f"word{number}" for number in range(3_000)]
    sent = " ".join(texts(rendered(channel, Text(" ".join(words))))).split()
    assert [word for word in sent if word.startswith("word")] == words


def rendered(channel: Channel, message: OutgoingMessage) -> list[Any]:
    bodies: list[Any] = channel.part("rendering").render(message, channel.examples.CONTACT)
    return bodies
