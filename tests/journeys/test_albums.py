"""An album into one Media node, on both channels: one list, one answer, and each file at the business once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from local.business_api.client import Business, sha256
from local.simulator.phone import Phone
from tests.journeys.channels import Channel, on_every_channel

pytestmark = pytest.mark.slow

WITHIN = 90  # seconds, on a slow machine


@on_every_channel
def test_an_album_of_three_is_one_upload_with_three_parts_and_one_answer(
    channel: Channel, phone: Phone, business: Business, samples: Path, until_idle: Callable[[], None]
) -> None:
    photos = [samples / f"photo-{number}.jpg" for number in (1, 2, 3)]
    phone.say("album")
    assert phone.receive(within=WITHIN)[0]["text"] == "Your photos, please."
    sent = phone.send(*photos, kind="image")
    channel.redeliver(sent[1], times=2)
    assert phone.receive(within=WITHIN)[0]["text"] == "Thank you: 3 sent, 3 stored."
    uploads = business.uploads()
    assert len({upload["idempotency_key"] for upload in uploads}) == 1
    # The webhooks of an album race each other, so this test cannot expect an order; the tests of the node do.
    assert sorted(upload["sha256"] for upload in uploads) == sorted(sha256(photo.read_bytes()) for photo in photos)
    until_idle()
    assert phone.poll() == []


def test_one_call_for_each_file_waits_for_what_is_missing_and_goes_on_at_the_last(
    phone: Phone, business: Business, samples: Path
) -> None:
    phone.say("each")
    phone.receive(within=WITHIN)
    phone.send(samples / "photo-1.jpg", kind="image")
    assert phone.receive(within=WITHIN)[0]["text"] == "I have 1 so far. Please send 1 more."
    phone.send(samples / "photo-2.jpg", samples / "photo-3.jpg", kind="image")
    assert phone.receive(within=WITHIN)[0]["text"] == "Thank you: 3 stored."
    assert len({upload["idempotency_key"] for upload in business.uploads()}) == 3
