"""Files on their way: the other conversations of the demo, and files or APIs that are not as they should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from local.business_api.client import Business, sha256
from local.demo.conversations import CONVERSATIONS, ConversationContext
from local.simulator.phone import Phone
from tests.journeys.channels import on_every_channel
from tests.journeys.test_whole_conversation import TITLE

pytestmark = pytest.mark.slow


@on_every_channel
@pytest.mark.parametrize("title", [title for title in CONVERSATIONS if title != TITLE])
def test_a_conversation_of_the_demo(title: str, phone: Phone, business: Business, samples: Path) -> None:
    context = ConversationContext(phone, business, samples, Path(__file__).parents[2] / "flows" / "assets")
    CONVERSATIONS[title](context)
    assert context.transfers
    assert [transfer for transfer in context.transfers if not transfer.intact] == []


def asked_for_a_photo(phone: Phone) -> Phone:
    """On the way through the damage report, up to the photo."""
    phone.say("damage")
    phone.receive()
    phone.tap("parked")
    phone.receive()
    phone.say("B AB 1234")
    phone.receive(2)
    return phone


def test_a_document_where_a_photo_is_asked_for_is_named_and_a_photo_asked_for_again(
    phone: Phone, business: Business, samples: Path
) -> None:
    asked_for_a_photo(phone).send(samples / "Repair estimate (März).pdf")
    (answer,) = phone.receive()
    assert "That is a document. Please send a photo (JPEG or PNG, up to 5 MB)." in answer["text"]

    phone.send(samples / "photo-1.jpg", kind="image")
    assert "from another side" in phone.receive()[0]["text"]
    assert len(business.uploads()) == 1


def test_a_file_is_what_its_bytes_are_whatever_it_says_it_is(phone: Phone, business: Business, tmp_path: Path) -> None:
    page = tmp_path / "holiday.jpg"
    page.write_text("<html><script>alert(1)</script></html>")
    asked_for_a_photo(phone).send(page, kind="image")
    assert "I cannot read that kind of file." in phone.receive()[0]["text"]
    assert business.uploads() == []


def test_a_photo_that_is_too_large_is_named_so(phone: Phone, business: Business, samples: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    huge.write_bytes((samples / "photo-1.jpg").read_bytes() + bytes(6 * 1024 * 1024))
    asked_for_a_photo(phone).send(huge, kind="image")
    assert "too large" in phone.receive()[0]["text"]
    assert business.uploads() == []


def test_words_where_a_photo_is_asked_for_are_answered_and_after_three_times_the_flow_goes_on_without(
    phone: Phone, business: Business
) -> None:
    asked_for_a_photo(phone)
    for words in ("what?", "which photo?"):
        phone.say(words)
        assert "I need a photo here" in phone.receive()[0]["text"]
    phone.say("no")
    assert "Let us do this by phone" in phone.receive()[0]["text"]


def test_an_api_that_fails_takes_the_flows_own_way_out(phone: Phone, business: Business, samples: Path) -> None:
    business.fault(path="/claims/*", mode="status", status=400, times=0)
    asked_for_a_photo(phone).send(samples / "photo-1.jpg", kind="image")
    assert "Our claims system does not answer right now" in phone.receive()[0]["text"]


def test_an_api_that_recovers_is_asked_again(phone: Phone, business: Business, samples: Path) -> None:
    business.fault(path="/files", mode="status", status=503, times=2)
    phone.say("file")
    phone.receive()
    phone.send(samples / "photo-1.jpg", kind="image")
    assert "has arrived" in phone.receive()[0]["text"]
    assert len(business.uploads()) == 1


def test_an_answer_that_is_lost_does_not_hand_the_file_over_twice(
    phone: Phone, business: Business, samples: Path
) -> None:
    business.fault(path="/files", mode="cut", handled=True, times=1)
    phone.say("file")
    phone.receive()
    phone.send(samples / "photo-1.jpg", kind="image")
    assert "has arrived" in phone.receive()[0]["text"]
    (upload,) = business.uploads()
    assert upload["repeats"] == 1


def test_three_files_finish_although_the_api_always_takes_nineteen_seconds(
    phone: Phone, business: Business, samples: Path
) -> None:
    business.fault(path="/files", mode="slow", seconds=19, times=0)
    photos = [samples / f"photo-{number}.jpg" for number in (1, 2, 3)]
    phone.say("files")
    phone.receive()
    phone.send(*photos, kind="image")
    assert "all three have arrived" in phone.receive(3, within=150)[-1]["text"]
    assert sorted(upload["sha256"] for upload in business.uploads()) == sorted(
        sha256(photo.read_bytes()) for photo in photos
    )


def test_many_customers_at_once_each_get_their_own_file_through(
    new_phone: Callable[[], Phone], business: Business, samples: Path, tmp_path: Path
) -> None:
    customers = [new_phone() for _ in range(12)]
    photo = (samples / "photo-2.jpg").read_bytes()
    own = {}
    for customer in customers:
        customer.say("file")
    for customer in customers:
        customer.receive()
        own[customer.number] = tmp_path / f"{customer.number}.jpg"
        own[customer.number].write_bytes(photo + customer.number.encode())
        customer.send(own[customer.number], kind="image")
    for customer in customers:
        assert "has arrived" in customer.receive(within=120)[0]["text"]
    assert sorted(upload["sha256"] for upload in business.uploads()) == sorted(
        sha256(file.read_bytes()) for file in own.values()
    )
