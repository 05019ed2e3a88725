"""Files that come when nobody asks for one: each is used later, or its customer hears that it was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.conversation.early_files import FILE_KEPT, FILE_UNUSED
from local.business_api.client import Business, sha256
from local.whatsapp_simulator.phone import Phone

pytestmark = pytest.mark.slow


def test_a_photo_that_overtakes_its_keyword_is_kept_until_the_customer_says_what_it_is_for(
    phone: Phone, business: Business, samples: Path
) -> None:
    phone.send(samples / "photo-1.jpg", kind="image")
    menu, kept = phone.receive(2)
    assert "What can I do for you?" in menu["text"]
    assert kept["text"] == FILE_KEPT

    phone.say("file")
    assert "Please tap one of these" in phone.receive()[0]["text"]
    phone.tap("send_one")

    asked, thanks = phone.receive(2)
    assert asked["text"].startswith("Send me one file")
    assert "nothing more to do" in asked["text"]
    assert "has arrived" in thanks["text"]
    assert [upload["sha256"] for upload in business.uploads()] == [sha256((samples / "photo-1.jpg").read_bytes())]


def test_a_photo_that_was_kept_and_never_used_is_told_to_the_customer(phone: Phone, samples: Path) -> None:
    phone.send(samples / "photo-1.jpg", kind="image")
    phone.receive(2)

    phone.say("stop")

    assert [message["text"] for message in phone.receive(2)][1] == FILE_UNUSED


def test_a_photo_just_after_the_timeout_is_still_taken(phone: Phone, business: Business, samples: Path) -> None:
    phone.say("quick photo")
    assert phone.receive()[0]["text"] == "Quick, a photo?"
    assert phone.receive(within=120)[0]["text"] == "Too late."

    phone.send(samples / "photo-1.jpg", kind="image")

    assert phone.receive()[0]["text"] == "Thanks for the photo."
    assert len(business.uploads()) == 1
