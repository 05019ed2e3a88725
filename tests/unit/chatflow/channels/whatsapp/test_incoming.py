"""What a customer can send, in Meta's words and in ours."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from chatflow.messages import IncomingMedia, IncomingMessage
from tests.unit.chatflow.channels.whatsapp.examples import (
    ACCOUNT,
    AT,
    CONTACT,
    FILE_HASH,
    MEDIA_URL,
    NAME,
    Json,
    media,
    message,
    messages,
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
        {"kind": "text", "text": "Hello", "reply_to": "wamid.0"},
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
        {"kind": "media", "media": _file("audio", mime="audio/ogg; codecs=opus"), "voice": True},
    ),
    "a voice note of the older API": (
        message("voice", media(mime_type="audio/ogg; codecs=opus")),
        {"kind": "media", "media": _file("audio", mime="audio/ogg; codecs=opus"), "voice": True},
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
            "location": {"latitude": 37.442, "longitude": -122.0, "name": "HQ", "address": "1 Way", "url": "https://x"},
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
        {"kind": "choice", "choice": "stop", "text": "Unsubscribe", "from_template": True},
    ),
    "a tap on a template's button without a payload": (
        message("button", {"text": "Unsubscribe"}),
        {"kind": "choice", "choice": "Unsubscribe", "text": "Unsubscribe", "from_template": True},
    ),
    "a form": (
        message(
            "interactive",
            {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"plate":"B AB 1"}'}},
        ),
        {"kind": "form", "form": {"plate": "B AB 1"}},
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
        message(
            "contacts",
            [
                {
                    "name": {"formatted_name": "Lucía Gómez", "first_name": "Lucía"},
                    "org": {"company": "Google"},
                    "phones": [{"phone": "+1 (983) 555-2319", "wa_id": "19835552319"}],
                    "emails": [{"email": "l@example.com"}],
                },
                {"name": {"first_name": "Ann", "last_name": "Lee"}},
            ],
        ),
        {
            "kind": "contacts",
            "contacts": [
                {
                    "name": "Lucía Gómez",
                    "phones": ["+1 (983) 555-2319"],
                    "emails": ["l@example.com"],
                    "company": "Google",
                },
                {"name": "Ann Lee"},
            ],
        },
    ),
    "an order": (message("order", {"catalog_id": "1"}), {"kind": "other", "other": "order"}),
    "a change of number": (
        message("system", {"body": "changed", "wa_id": "16505550000", "type": "user_changed_number"}),
        {"kind": "other", "other": "system"},
    ),
    "an edit": (
        message("edit", {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "Hi"}}}),
        {"kind": "other", "other": "edit", "text": "Hi", "original": "wamid.0"},
    ),
    "a deletion": (
        message("revoke", {"original_message_id": "wamid.0"}),
        {"kind": "other", "other": "revoke", "original": "wamid.0"},
    ),
    "something unsupported": (
        message("unsupported", errors=[{"code": 131051, "title": "Message type unknown"}]),
        {"kind": "other", "other": "unsupported"},
    ),
    "something unsupported that has a name": (
        message("unsupported", {"type": "poll_creation"}, errors=[{"code": 131051}]),
        {"kind": "other", "other": "poll_creation"},
    ),
    "a type of next year": (message("hologram", {"depth": 3}), {"kind": "other", "other": "hologram"}),
    "a type that must not reach a log": (message("x\n\x1b[31m" * 9), {"kind": "other", "other": "unknown"}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_message_is_read_as(case: str) -> None:
    sent, expected = CASES[case]
    base: dict[str, Any] = {"channel": "whatsapp", "account": ACCOUNT, "contact": CONTACT, "at": AT, "name": NAME}
    assert _only(messages(sent)) == IncomingMessage(id="wamid.1", **base, **expected)
