"""What we read and write, judged by people who are not us: the library pywa."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pywa import WhatsApp
from pywa.types import Button, Message, MessageStatus, Section, SectionList, SectionRow
from pywa.types.base_update import RawUpdate
from pywa.types.callback import CallbackButton, CallbackSelection
from pywa.utils import webhook_updates_validator

from chatflow.channels.whatsapp.rendering import UploadedFile, render
from chatflow.channels.whatsapp.webhook import parse, verify
from chatflow.messages import Choices, Option, Text
from tests.fakes.fetch import Request
from tests.unit.chatflow.channels.whatsapp.examples import (
    ACCOUNT,
    CONTACT,
    MEDIA_URL,
    SECRET,
    USER_ID,
    answer,
    document,
    media,
    message,
    sign,
    text_webhook,
    value,
)


class Wire(httpx.BaseTransport):
    """Remembers the JSON that pywa sends, and answers as Meta would."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.read()))
        said = json.loads(answer(Request("POST", str(request.url), {}, b"", 0, None, 0)).body)
        return httpx.Response(
            200, json={**said, "contacts": [{"input": CONTACT, "wa_id": CONTACT, "user_id": USER_ID}]}
        )


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def pywa(wire: Wire) -> WhatsApp:
    return WhatsApp(phone_id=ACCOUNT, token="t", session=httpx.Client(transport=wire), filter_updates=False)


def _update(part: dict[str, Any]) -> RawUpdate:
    return RawUpdate(json.dumps(document(part)).encode(), hmac_header=None, update_hash="h")


@pytest.mark.parametrize(
    "sent",
    [
        message("text", {"body": "Grüße 📷"}),
        message("image", media(caption="My car", url=MEDIA_URL)),
        message("image", media()),
        message("video", media(mime_type="video/mp4", caption="Look")),
        message("audio", media(mime_type="audio/ogg; codecs=opus", voice=True)),
        message("document", media(mime_type="application/pdf", filename="receipt.pdf", caption="Mine")),
        message("sticker", media(mime_type="image/webp", animated=False)),
    ],
    ids=lambda sent: sent["type"],
)
def test_pywa_reads_a_message_as_we_do(pywa: WhatsApp, sent: dict[str, Any]) -> None:
    theirs = Message.from_update(pywa, _update(value(messages=[sent])))
    [ours] = parse(json.dumps(document(value(messages=[sent]))).encode()).messages
    assert (ours.id, ours.account) == (theirs.id, theirs.metadata.phone_number_id)
    assert (ours.contact, ours.name) == (theirs.from_user.wa_id, theirs.from_user.name)
    assert ours.at == int(theirs.timestamp.timestamp())
    assert ours.text == (theirs.text or theirs.caption or "")
    if theirs.media:
        assert ours.media
        assert (ours.media.id, ours.media.kind) == (theirs.media.id, theirs.type.value)
        assert (ours.media.mime, ours.media.url) == (theirs.media.mime_type, theirs.media.url or "")
        assert ours.media.filename == (getattr(theirs.media, "filename", None) or "")


def test_pywa_reads_a_place_as_we_do(pywa: WhatsApp) -> None:
    sent = message("location", {"latitude": 37.4, "longitude": -122.1, "name": "HQ", "address": "1 Way"})
    theirs = Message.from_update(pywa, _update(value(messages=[sent]))).location
    [ours] = parse(json.dumps(document(value(messages=[sent]))).encode()).messages
    assert theirs
    assert ours.location == {
        "latitude": theirs.latitude,
        "longitude": theirs.longitude,
        "name": theirs.name,
        "address": theirs.address,
    }


@pytest.mark.parametrize(("kind", "reader"), [("button_reply", CallbackButton), ("list_reply", CallbackSelection)])
def test_pywa_reads_a_tap_as_we_do(pywa: WhatsApp, kind: str, reader: Any) -> None:
    context = {"from": ACCOUNT, "id": "wamid.0"}
    sent = message("interactive", {"type": kind, kind: {"id": "nord", "title": "North"}}, context=context)
    theirs = reader.from_update(pywa, _update(value(messages=[sent])))
    [ours] = parse(json.dumps(document(value(messages=[sent]))).encode()).messages
    assert (ours.choice, ours.text) == (theirs.data, theirs.title)


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed"])
def test_pywa_reads_a_status_as_we_do(pywa: WhatsApp, status: str) -> None:
    errors = [
        {"code": 131026, "title": "Undeliverable", "message": "Undeliverable", "error_data": {"details": "Old app"}}
    ]
    sent: dict[str, Any] = {"id": "wamid.ours", "status": status, "timestamp": "1744344496", "recipient_id": CONTACT}
    sent |= {"errors": errors} if status == "failed" else {}
    theirs = MessageStatus.from_update(pywa, _update(value(statuses=[sent])))
    [ours] = parse(json.dumps(document(value(statuses=[sent]))).encode()).deliveries
    assert (ours.message_id, ours.status, ours.contact) == (theirs.id, theirs.status.value, theirs.from_user.wa_id)
    assert ours.at == int(theirs.timestamp.timestamp())
    if theirs.error:
        assert (ours.code, ours.explanation) == (theirs.error.code, theirs.error.details)


def test_pywa_and_we_agree_on_a_signature() -> None:
    body = text_webhook("wamid.1", "Grüße 📷")
    headers = sign(body, SECRET)
    verify(headers, body, SECRET)
    assert webhook_updates_validator(SECRET["app_secret"], body, headers["x-hub-signature-256"])


def test_pywa_writes_a_text_as_we_do(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_message(to=CONTACT, text="Grüße 📷")
    [theirs] = wire.bodies
    theirs["text"].pop("preview_url", None)
    assert [theirs] == render(Text("Grüße 📷"), CONTACT)


def test_pywa_addresses_a_hidden_number_as_we_do(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_message(to=USER_ID, text="Hello")
    [theirs] = wire.bodies
    theirs["text"].pop("preview_url", None)
    assert [theirs] == render(Text("Hello"), USER_ID)


def test_pywa_writes_buttons_as_we_do(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_message(to=CONTACT, text="Sure?", buttons=[Button("Yes", "yes"), Button("No", "no")])
    assert wire.bodies == render(Choices("Sure?", (Option("yes", "Yes"), Option("no", "No"))), CONTACT)


def test_pywa_writes_a_list_as_we_do(pywa: WhatsApp, wire: Wire) -> None:
    rows = [SectionRow("North", "n", "Cold"), SectionRow("South", "s")]
    pywa.send_message(to=CONTACT, text="Where?", buttons=SectionList("Regions", [Section("All", rows)]))
    [theirs] = wire.bodies
    theirs["interactive"]["action"]["sections"][0].pop("title")  # pywa insists on one; Meta only where there are two
    options = (Option("n", "North", "Cold"), Option("s", "South"))
    assert [theirs] == render(Choices("Where?", options, button="Regions"), CONTACT)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document"])
def test_pywa_writes_a_file_as_we_do(pywa: WhatsApp, wire: Wire, kind: str) -> None:
    shown = {"caption": "Look"} if kind in ("image", "video") else {"filename": "a.pdf"} if kind == "document" else {}
    getattr(pywa, f"send_{kind}")(CONTACT, "2871834006348767", **shown)
    [theirs] = wire.bodies
    theirs[kind] = {key: each for key, each in theirs[kind].items() if each is not False}  # "voice": false
    assert [theirs] == render(UploadedFile(kind, "2871834006348767", "Look", "a.pdf"), CONTACT)
