"""What Meta spells in more than one way: who wrote, when, and the hash of a file."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from chatflow.messages import IncomingMessage
from tests.unit.chatflow.channels.whatsapp.examples import (
    AT,
    CONTACT,
    FILE_HASH,
    NAME,
    USER_ID,
    Json,
    media,
    message,
    messages,
    posted,
    value,
)

HASH = FILE_HASH.hexdigest()


def _only(body: bytes) -> IncomingMessage:
    webhook = parse(body)
    assert webhook.skipped == []
    [found] = webhook.messages
    return found


@pytest.mark.parametrize("timestamp", [str(AT), AT, float(AT)])
def test_a_timestamp_may_be_a_text_or_a_number(timestamp: object) -> None:
    assert _only(messages(message("text", {"body": "a"}, timestamp=timestamp))).at == AT


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (media()["sha256"], HASH),
        (media()["sha256"].rstrip("="), HASH),
        (media()["sha256"].replace("+", "-").replace("/", "_"), HASH),
        (HASH, HASH),
        (HASH.upper(), HASH),
        ("", ""),
        ("not a hash", ""),
        ("c2hvcnQ=", ""),
        (HASH + "00", ""),
    ],
)
def test_a_hash_is_read_in_either_spelling(written: str, read: str) -> None:
    found = _only(messages(message("image", media(sha256=written)))).media
    assert found
    assert found.sha256 == read


@pytest.mark.parametrize(
    ("sender", "contacts", "contact", "name"),
    [
        ({"from": CONTACT}, [{"wa_id": CONTACT, "profile": {"name": NAME}}], CONTACT, NAME),
        ({"from": f"+{CONTACT}"}, [], CONTACT, ""),
        ({"from": CONTACT, "from_user_id": USER_ID}, [], CONTACT, ""),
        ({"from_user_id": USER_ID}, [{"user_id": USER_ID, "profile": {"name": NAME}}], USER_ID, NAME),
        ({"from": USER_ID}, [{"user_id": USER_ID, "profile": {"name": NAME, "username": "sheena"}}], USER_ID, NAME),
        ({"from": ""}, [{"wa_id": "", "user_id": USER_ID, "profile": {"name": NAME}}], USER_ID, NAME),
        ({}, [{"wa_id": CONTACT}], CONTACT, ""),
        ({"from": "5511988887777"}, [{"wa_id": "551188887777", "profile": {"name": NAME}}], "5511988887777", NAME),
        ({"from": CONTACT}, [{"wa_id": "1"}, {"wa_id": "2", "profile": {"name": "Not me"}}], CONTACT, ""),
        ({"from": CONTACT}, ["rubbish", {"wa_id": CONTACT, "profile": {"name": NAME}}], CONTACT, NAME),
        ({"from": CONTACT}, [{"wa_id": CONTACT, "profile": None}], CONTACT, ""),
    ],
)
def test_the_sender_is_found_with_or_without_a_number(
    sender: Json, contacts: list[Any], contact: str, name: str
) -> None:
    sent = {"id": "wamid.1", "timestamp": str(AT), "type": "text", "text": {"body": "Hello"}, **sender}
    found = _only(posted(value(contacts=contacts, messages=[sent])))
    assert (found.contact, found.name) == (contact, name)


def test_half_a_surrogate_pair_does_not_stop_a_text_on_its_way() -> None:
    found = _only(messages(message("text", {"body": "broken \ud83d emoji"})))
    assert found.text.encode() == b"broken ? emoji"


def test_a_whole_emoji_stays_whole() -> None:
    assert _only(messages(message("text", {"body": "👩‍👩‍👧"}))).text == "👩‍👩‍👧"
