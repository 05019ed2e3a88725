"""A file that comes while a person of the business talks to the customer: stored for people, and nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.errors import MediaRejected, MediaUnavailable
from chatflow.media.profiles import PRODUCT
from chatflow.media.reference import MediaReference
from nodes.media.rule import visit
from tests.fakes.visit import FakePorts, a_visit, media, text

CONFIG: dict[str, Any] = {"direction": "store"}
PHOTO = MediaReference("media/c_ann/s_1/3-storing-a1", "ab" * 32, 100, "image/jpeg", "image", "photo.jpg")


def test_the_file_is_stored_and_the_transcript_finds_it() -> None:
    ports = FakePorts(taken=PHOTO)
    outcome = visit(a_visit(CONFIG, event=media()), ports)
    assert (outcome.exit, outcome.set) == ("stored", {})
    assert outcome.effects == ({"effect": "store", **PHOTO.summary()},)
    assert ports.texts == []


def test_where_files_are_scanned_no_node_waits_for_the_verdict() -> None:
    assert visit(a_visit(CONFIG, event=media()), FakePorts(taken=PHOTO, scanning=120)).exit == "stored"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(MediaRejected("too_large", "Too large."), "too_large"), (MediaUnavailable("no answer"), "unavailable")],
)
def test_a_file_that_cannot_be_stored_is_named_with_its_reason_and_the_customer_is_not_asked_again(
    error: Exception, reason: str
) -> None:
    ports = FakePorts(taken=error)
    outcome = visit(a_visit(CONFIG, event=media()), ports)
    assert (outcome.exit, outcome.effects) == ("failed", ({"effect": "store", "rejected": reason},))
    assert ports.texts == []


def test_the_channel_s_own_limits_hold() -> None:
    ports = FakePorts(taken=PHOTO, profile=PRODUCT.only(["image"]))
    visit(a_visit(CONFIG, event=media()), ports)
    assert ports.profiles == [PRODUCT.narrowed_by(PRODUCT.only(["image"]))]


def test_an_event_without_a_file_fails_and_raises_nothing() -> None:
    assert visit(a_visit(CONFIG, event=text("hello")), FakePorts()).exit == "failed"
