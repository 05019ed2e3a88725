"""What a customer can send, in Meta's words and in ours."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from chatflow.messages import IncomingMedia, IncomingMessage
from tests.channels.whatsapp.examples import (
    ACCOUNT,
    AT,
    CONTACT,
    FILE_HASH,
    MEDIA_URL,
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
FILE = IncomingMedia("1003383421387256", "image", "image/jpeg", HASH)


def _only(body: bytes) -> IncomingMessage:
    webhook = parse(body)
    assert webhook.skipped == []
    [found] = webhook.messages
    return found


def _file(kind: str, **more: Any) -> IncomingMedia:
    return IncomingMedia(**{**FILE.__dict__, "kind": kind, **more})


CASES: dict[str, tuple[Json, dict[str, Any]]] = {
    "a text": (message("text", {"body": "Hello"}), {"kind": "text", "text": "Hello"}),
    "a text in reply to ours": (
        message("text", {"body": "Hello"}, context={"from": ACCOUNT, "id": "wamid.0"}),
        {"kind": "text", "text": "Hello"},
    ),
    "an image": (message("image", media()), {"kind": "media", "media": FILE}),
    "an image with a caption": (
        message("image", media(caption="My car")),
        {"kind": "media", "media": FILE, "text": "My car"},
    ),
    "an image with an address": (
        message("image", media(url=MEDIA_URL)),
        {"kind": "media", "media": _file("image", url=MEDIA_URL)},
    ),
    "an image with its size": (
        message("image", media(file_size="190000")),
        {"kind": "media", "media": _file("image", size=190_000)},
    ),
    "a video": (
        message("video", media(mime_type="video/mp4", caption="Look")),
        {"kind": "media", "media": _file("video", mime="video/mp4"), "text": "Look"},
    ),
    "a voice note": (
        message("audio", media(mime_type="audio/ogg; codecs=opus", voice=True)),
        {"kind": "media", "media": _file("audio", mime="audio/ogg; codecs=opus")},
    ),
    "a voice note of the older API": (
        message("voice", media(mime_type="audio/ogg; codecs=opus")),
        {"kind": "media", "media": _file("audio", mime="audio/ogg; codecs=opus")},
    ),
    "a document": (
        message("document", media(mime_type="application/pdf", filename="receipt.pdf")),
        {"kind": "media", "media": _file("document", mime="application/pdf", filename="receipt.pdf")},
    ),
    "a sticker": (
        message("sticker", media(mime_type="image/webp", animated=True)),
        {"kind": "media", "media": _file("sticker", mime="image/webp")},
    ),
    "a place": (
        message(
            "location", {"latitude": 37.442, "longitude": -122, "name": "HQ", "address": "1 Way", "url": "https://x"}
        ),
        {
            "kind": "location",
            "location": {"latitude": 37.442, "longitude": -122.0, "name": "HQ", "address": "1 Way"},
        },
    ),
    "where the customer is now": (
        message("location", {"latitude": 37, "longitude": 12.5}),
        {"kind": "location", "location": {"latitude": 37.0, "longitude": 12.5}},
    ),
    "a tap on a reply button": (
        message("interactive", {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}),
        {"kind": "choice", "choice": "yes", "text": "Yes"},
    ),
    "a tap on a list": (
        message(
            "interactive", {"type": "list_reply", "list_reply": {"id": "nord", "title": "North", "description": "N"}}
        ),
        {"kind": "choice", "choice": "nord", "text": "North"},
    ),
    "a tap on a template's button": (
        message("button", {"payload": "stop", "text": "Unsubscribe"}),
        {"kind": "choice", "choice": "stop", "text": "Unsubscribe"},
    ),
    "a tap on a template's button without a payload": (
        message("button", {"text": "Unsubscribe"}),
        {"kind": "choice", "choice": "Unsubscribe", "text": "Unsubscribe"},
    ),
    "a form": (
        message(
            "interactive", {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}}
        ),
        {"kind": "other", "other": "nfm_reply"},
    ),
    "a tap that Meta could not describe": (message("interactive"), {"kind": "other", "other": "interactive"}),
    "an image that Meta could not fetch": (
        message("image", errors=[{"code": 131052}]),
        {"kind": "other", "other": "image"},
    ),
    "a reaction": (
        message("reaction", {"message_id": "wamid.0", "emoji": "👍"}),
        {"kind": "other", "other": "reaction"},
    ),
    "contact cards": (
        message("contacts", [{"name": {"formatted_name": "A"}}]),
        {"kind": "other", "other": "contacts"},
    ),
    "an order": (message("order", {"catalog_id": "1"}), {"kind": "other", "other": "order"}),
    "a change of number": (
        message("system", {"body": "changed", "wa_id": "16505550000", "type": "user_changed_number"}),
        {"kind": "other", "other": "system"},
    ),
    "an edit": (
        message("edit", {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "Hi"}}}),
        {"kind": "other", "other": "edit"},
    ),
    "a deletion": (message("revoke", {"original_message_id": "wamid.0"}), {"kind": "other", "other": "revoke"}),
    "something unsupported": (
        message("unsupported", errors=[{"code": 131051, "title": "Message type unknown"}]),
        {"kind": "other", "other": "unsupported"},
    ),
    "something unsupported that has a name": (
        message("unsupported", {"type": "poll"}, errors=[{"code": 131051}]),
        {"kind": "other", "other": "unsupported"},
    ),
    "a type of next year": (message("hologram", {"depth": 3}), {"kind": "other", "other": "hologram"}),
    "a type that must not reach a log": (message("x\n\x1b[31m" * 9), {"kind": "other", "other": "unknown"}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_message_is_read_as(case: str) -> None:
    sent, expected = CASES[case]
    base: dict[str, Any] = {"channel": "whatsapp", "account": ACCOUNT, "contact": CONTACT, "at": AT, "name": NAME}
    assert _only(messages(sent)) == IncomingMessage(id="wamid.1", **base, **expected)


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
    "a text without words": (message("text", {}), "message:text"),
    "a text that is a list": (message("text", ["a"]), "message:text"),
    "a body that is a number": (message("text", {"body": 7}), "message:text"),
    "an image without an id": (message("image", {"mime_type": "image/jpeg"}), "message:image"),
    "an image whose size is a word": (message("image", media(file_size="big")), "message:image"),
    "an image whose caption is an object": (message("image", media(caption={})), "message:image"),
    "a place without degrees": (message("location", {"name": "HQ"}), "message:location"),
    "a place off the earth": (message("location", {"latitude": 91, "longitude": 0}), "message:location"),
    "a place in words": (message("location", {"latitude": "37", "longitude": "1"}), "message:location"),
    "a tap without an id": (
        message("interactive", {"type": "button_reply", "button_reply": {"title": "Yes"}}),
        "message:interactive",
    ),
    "a tap without a reply": (message("interactive", {"type": "list_reply"}), "message:interactive"),
    "a button that says nothing": (message("button", {}), "message:button"),
    "a message in a group": (message("text", {"body": "a"}, group_id="Y2FwaV9ncm91cA"), "message:text"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_message_that_cannot_be_read_is_named_and_its_siblings_are_kept(case: str) -> None:
    bad, named = BAD[case]
    good = message("text", {"body": "Hello"}, id="wamid.good")
    webhook = parse(messages(good, bad, {**good, "id": "wamid.too"}))
    assert [found.id for found in webhook.messages] == ["wamid.good", "wamid.too"]
    assert webhook.skipped == [named]
