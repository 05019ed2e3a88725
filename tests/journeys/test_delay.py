"""A flow that waits for a time, on the deployed machine. The customer names the time, so that it is soon."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters.aws import client
from local.business_api.client import Business
from local.description import Description
from local.whatsapp_simulator.phone import Phone

pytestmark = pytest.mark.slow

WITHIN = 60  # seconds, on a slow machine


def in_seconds(seconds: int) -> tuple[int, str]:
    """That time, in seconds since the epoch and as a customer or an API writes it."""
    at = int(time.time()) + seconds
    return at, datetime.fromtimestamp(at, UTC).isoformat()


def turns_woken_at(stack: Description, deadline: int) -> list[dict[str, Any]]:
    items = client("dynamodb").scan(TableName=stack.outputs["SessionsTable"])["Items"]
    records = [json.loads(item["document"]["S"]) for item in items if item["item"]["S"].startswith("turn#timeout")]
    return [record for record in records if record["event"].get("deadline") == deadline]


def test_it_answers_meanwhile_and_goes_on_at_its_time_and_never_earlier(
    stack: Description, phone: Phone, eventually: Callable[..., Any]
) -> None:
    phone.say("wake me")
    assert phone.receive()[0]["text"] == "Wake you when?"
    at, written = in_seconds(15)
    phone.say_in_order(written, "Hello?")
    assert phone.receive(within=WITHIN)[0]["text"] == "Sleep on."
    phone.say("Anyone?")
    assert phone.receive(within=WITHIN)[0]["text"] == "Good morning."

    (woken,) = eventually(lambda: turns_woken_at(stack, at))
    assert woken["at"] >= at
    assert [visit["exit"] for visit in woken["visits"] if visit["node"] == "sleep"] == ["done"]


def test_a_time_that_is_none_takes_the_exit_failed(phone: Phone) -> None:
    phone.say("wake me")
    phone.receive()
    phone.say("soon")
    assert phone.receive()[0]["text"] == "That is no time (not_a_time)."


def test_what_is_sent_meanwhile_is_kept_for_the_questions_that_follow(
    phone: Phone, business: Business, samples: Path
) -> None:
    phone.say("wake and ask")
    phone.receive()
    _, written = in_seconds(15)
    phone.say_in_order(written, "hello?")
    phone.send(samples / "photo-1.jpg", kind="image")
    assert phone.receive(within=WITHIN)[0]["text"] == "I keep your file until I need it."
    phone.say("Mara")

    said = phone.receive(3, within=WITHIN)
    assert said[0]["text"].startswith("A photo, please.")
    assert [each["text"] for each in said[1:]] == ["Your name?", "Thanks, Mara."]
    assert len(business.uploads()) == 1
