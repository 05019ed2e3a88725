"""WhatsApp's newer messages on the deployed machine: an old button, an edit, a read mark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.business_api.client import Business
from local.whatsapp_simulator.phone import Phone

pytestmark = pytest.mark.slow

PLATE = "Thank you. What is your number plate?"


def test_an_old_button_is_not_the_answer_to_the_present_question(
    phone: Phone, business: Business, samples: Path, eventually: Callable[..., Any]
) -> None:
    phone.say("damage")
    assert "What happened" in phone.receive()[0]["text"]
    phone.tap("crash")
    assert phone.receive()[0]["text"].startswith(PLATE)

    for _ in range(3):  # as often as the node asks at most: no attempt is used
        phone.tap("parked")
        assert phone.receive()[0]["text"].startswith(PLATE)

    phone.say("B AB 1")
    picture, asked = phone.receive(2)
    assert (picture["type"], "one photo" in asked["text"]) == ("image", True)

    phone.edit("B AB 1234")
    (photo,) = phone.send(samples / "photo-1.jpg", kind="image")
    phone.receive()
    (upload,) = business.uploads()
    assert "B AB 1" in str(upload)
    assert "B AB 1234" not in str(upload)

    def status() -> str:
        return next(str(each["status"]) for each in phone.sent() if each["wamid"] == photo["wamid"])

    assert eventually(lambda: status() == "read")
