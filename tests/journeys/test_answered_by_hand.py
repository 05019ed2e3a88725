"""A person of the business answers by hand in the middle of a flow, and an operator lets the bot go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.business_api.client import Business, sha256
from local.description import Description
from local.simulator.phone import ChatMessage
from local.whatsapp_simulator.phone import Phone
from tests.journeys.test_operating import Api

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def api(stack: Description) -> Api:
    return Api(stack)


@pytest.fixture
def conversation(stack: Description, api: Api, phone: Phone) -> str:
    whose = {"channel": "whatsapp", "account": stack.phone_number_id, "contact": phone.number}
    return str(api("POST", "/conversations/find", whose, status=200)["conversation"])


def from_the_bot(phone: Phone) -> list[ChatMessage]:
    """What the bot sent since the customer last looked."""
    return [message for message in phone.poll() if not message["by_hand"]]


def test_an_answer_by_hand_silences_the_bot_until_an_operator_resumes_the_flow(  # noqa: PLR0917
    api: Api,
    phone: Phone,
    business: Business,
    conversation: str,
    samples: Path,
    eventually: Callable[..., Any],
) -> None:
    phone.say("file")
    assert "Send me one file" in phone.receive()[0]["text"]
    eventually(lambda: api.session(conversation).get("state") == "waiting")

    phone.answered_by_hand("This is Olga. Please send me the photo of the bumper.")
    eventually(lambda: api.session(conversation).get("state") == "paused")
    photo = samples / "photo-1.jpg"
    phone.until_delivered(*phone.send(photo, kind="image", caption="the bumper"))
    phone.say("is that enough?")
    paused = eventually(lambda: (found := api.session(conversation))["paused"]["kept"] == 2 and found)

    assert (paused["state"], paused["at"], paused["waiting"]) == ("paused", "ask_file", None)
    assert from_the_bot(phone) == []
    assert business.uploads() == []
    listed = api("GET", "/sessions", state="paused", flow="one-file-in", limit=100)["items"]
    current = api("GET", f"/conversations/{conversation}")["conversation"]  # the key of the user id
    assert current in [each["conversation"] for each in listed]
    turns = api("GET", f"/conversations/{conversation}/turns")["items"]
    assert [(turn["event"]["kind"], turn["state"]) for turn in turns] == [
        ("message", "waiting"),
        ("echo", "paused"),
        ("message", "paused"),
        ("message", "paused"),
    ]
    assert "Olga" in turns[1]["event"]["message"]["text"]
    (file,) = turns[2]["media"]
    assert sha256(httpx.get(file["url"], trust_env=False).content) == sha256(photo.read_bytes())

    api("POST", f"/conversations/{conversation}/resume", messages="apply")

    phone.receive()  # Olga's
    assert "has arrived" in phone.receive()[0]["text"]
    (upload,) = eventually(business.uploads)
    assert upload["sha256"] == sha256(photo.read_bytes())


def test_what_the_customer_said_to_the_person_is_no_answer_and_the_flow_goes_on_silently(  # noqa: PLR0917
    api: Api, phone: Phone, business: Business, conversation: str, samples: Path, eventually: Callable[..., Any]
) -> None:
    phone.say("file")
    phone.receive()
    eventually(lambda: api.session(conversation).get("state") == "waiting")
    phone.answered_by_hand("This is Olga.")
    eventually(lambda: api.session(conversation).get("state") == "paused")
    phone.receive()
    phone.say("hello Olga")
    eventually(lambda: api.session(conversation)["paused"]["kept"] == 1)

    api("POST", f"/conversations/{conversation}/resume")
    eventually(lambda: api.session(conversation).get("state") == "waiting")
    assert from_the_bot(phone) == []
    assert api("POST", f"/conversations/{conversation}/resume", status=409)["type"].endswith("session-not-paused")

    phone.send(samples / "photo-1.jpg", kind="image")
    assert "has arrived" in phone.receive()[0]["text"]


def test_a_person_who_writes_first_keeps_the_default_flow_away(
    api: Api, phone: Phone, conversation: str, eventually: Callable[..., Any]
) -> None:
    phone.answered_by_hand("Good morning, your car is ready.")
    eventually(lambda: api.session(conversation).get("state") == "paused")
    phone.say("thank you!")
    eventually(lambda: api.session(conversation)["paused"]["kept"] == 1)
    assert from_the_bot(phone) == []

    api("POST", f"/conversations/{conversation}/resume")
    eventually(lambda: api.session(conversation).get("state") == "ended")
    phone.receive()
    phone.say("file")
    assert "Send me one file" in phone.receive()[0]["text"]
