"""A message that lacks what every message has is named in the log, and costs its siblings nothing."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from tests.unit.chatflow.channels.whatsapp.examples import (
    AT,
    CONTACT,
    message,
    messages,
)

BAD: dict[str, tuple[Any, str]] = {
    "no object": ("hello", "message:unknown"),
    "no id": (message("text", {"body": "a"}, id=None), "message:text"),
    "an empty id": (message("text", {"body": "a"}, id=""), "message:text"),
    "an id that is a number": (message("text", {"body": "a"}, id=7), "message:text"),
    "no type": ({"from": CONTACT, "id": "wamid.1", "timestamp": str(AT)}, "message:unknown"),
    "no timestamp": (message("text", {"body": "a"}, timestamp=None), "message:text"),
    "a timestamp in words": (message("text", {"body": "a"}, timestamp="noon"), "message:text"),
    "a timestamp that is true": (message("text", {"body": "a"}, timestamp=True), "message:text"),
    "a timestamp before time": (message("text", {"body": "a"}, timestamp=-1), "message:text"),
    "a timestamp beyond numbers": (message("text", {"body": "a"}, timestamp=10**30), "message:text"),
    "a sender that is a list": (message("text", {"body": "a"}, **{"from": ["1"]}), "message:text"),
    "a message in a group": (message("text", {"body": "a"}, group_id="Y2FwaV9ncm91cA"), "message:text"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_message_that_cannot_be_read_is_named_and_its_siblings_are_kept(case: str) -> None:
    bad, named = BAD[case]
    good = message("text", {"body": "Hello"}, id="wamid.good")
    webhook = parse(messages(good, bad, {**good, "id": "wamid.too"}))
    assert [found.id for found in webhook.messages] == ["wamid.good", "wamid.too"]
    assert webhook.skipped == [named]
