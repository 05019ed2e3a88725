"""A third-party client library (pywa, MIT) works against the simulator as it does against Meta."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, errors, types
from pywa.types.base_update import BaseUpdate

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, TLS, TOKEN, RunningSimulator

PDF = b"%PDF-1.4 " + b"x" * 3000


class RedirectToSimulator(httpx.HTTPTransport):
    """Redirects requests for Meta's host to the simulator."""

    def __init__(self, url: str) -> None:
        super().__init__(verify=TLS)
        self._simulator = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "graph.facebook.com":
            request.url = request.url.copy_with(scheme="http", host=self._simulator.host, port=self._simulator.port)
            request.headers["host"] = request.url.netloc.decode()
        return super().handle_request(request)


@pytest.fixture
def updates() -> list[BaseUpdate]:
    return []


@pytest.fixture
def pywa(simulator: RunningSimulator, updates: list[BaseUpdate]) -> Iterator[WhatsApp]:
    session = httpx.Client(transport=RedirectToSimulator(simulator.url))
    client = WhatsApp(
        phone_id=NUMBER,
        token=TOKEN,
        session=session,
        app_secret="app-secret",
        verify_token="verify",
        api_version=23.0,
        server=None,
    )
    for listen in (
        client.on_message,
        client.on_callback_button,
        client.on_callback_selection,
        client.on_message_status,
    ):
        listen(lambda _, update: updates.append(update))
    yield client
    session.close()


def test_pywa_uploads_finds_and_downloads_media(simulator: RunningSimulator, pywa: WhatsApp) -> None:
    media = pywa.upload_media(PDF, mime_type="application/pdf", filename="Ü.pdf")
    about = pywa.get_media_url(media.id)
    assert (about.sha256, about.file_size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert pywa.get_media_bytes(about.url) == PDF


def test_pywa_sends_every_kind(simulator: RunningSimulator, pywa: WhatsApp, tmp_path: Path) -> None:
    simulator.say("hello")
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0")
    pywa.send_message(CUSTOMER, "Hello")
    pywa.send_image(CUSTOMER, picture, caption="look")
    pywa.send_document(CUSTOMER, PDF, filename="a.pdf", caption="read", mime_type="application/pdf")
    pywa.send_message(CUSTOMER, "Sure?", buttons=[types.Button("Yes", "yes"), types.Button("No", "no")])
    section = types.Section("All", [types.SectionRow("One", "1", "the first")])
    pywa.send_message(CUSTOMER, "Which?", buttons=types.SectionList("Choose", [section]))
    pywa.send_location(CUSTOMER, 1.5, 2.5, name="Here")
    shown = simulator.messages(direction="out")
    assert [message["type"] for message in shown] == [
        *("text", "image", "document", "interactive", "interactive", "location"),
    ]
    assert shown[1]["caption"] == "look"
    assert (shown[2]["filename"], shown[2]["sha256"]) == ("a.pdf", hashlib.sha256(PDF).hexdigest())
    assert [button["id"] for button in shown[3]["buttons"]] == ["yes", "no"]
    assert shown[4]["rows"] == [{"id": "1", "title": "One", "description": "the first", "section": "All"}]


def test_pywa_reads_the_refusals(simulator: RunningSimulator, pywa: WhatsApp) -> None:
    with pytest.raises(errors.ReEngagementMessage):
        pywa.send_message(CUSTOMER, "Hello")
    simulator.say("hello")
    with pytest.raises(errors.InvalidParameter):
        pywa.send_message(CUSTOMER, "Sure?", buttons=[types.Button(str(n), str(n)) for n in range(4)])
    simulator.control.post("/handset/faults", json={"send": {"status": 500, "code": 131016}})
    with pytest.raises(errors.ServiceUnavailable):
        pywa.send_message(CUSTOMER, "Hello")
    pywa.token = "wrong"
    with pytest.raises(errors.ExpiredAccessToken):
        pywa.send_message(CUSTOMER, "Hello")


def test_pywa_marks_messages_as_read_and_shows_typing(simulator: RunningSimulator, pywa: WhatsApp) -> None:
    wamid = simulator.say("hello")["wamid"]
    assert pywa.mark_message_as_read(wamid)
    assert pywa.indicate_typing(wamid)
    assert simulator.messages()[0]["status"] == "read"


def pass_webhooks_to(pywa: WhatsApp, business: WebhookReceiver, count: int) -> None:
    """Pass the received webhooks to pywa, as its own server would."""
    for post in business.wait_for(lambda received: len(received) >= count):
        assert pywa.webhook_update_validator(post.body, post.headers["x-hub-signature-256"]) is None
        assert pywa.webhook_update_handler(post.body) == ("ok", 200)


def test_pywa_understands_every_message_of_the_customer(
    simulator: RunningSimulator, business: WebhookReceiver, pywa: WhatsApp, updates: list[Any]
) -> None:
    path = f"/handset/contacts/{CUSTOMER}/media"
    simulator.say("Grüße 👋")
    simulator.control.post(path, files={"file": ("a.jpg", b"\xff\xd8", "image/jpeg")}, data={"caption": "look"})
    simulator.control.post(path, files={"file": ("Ü.pdf", PDF, "application/pdf")})
    simulator.control.post(path, files={"file": ("a.ogg", b"OggS", "audio/ogg")}, data={"voice": "true"})
    simulator.control.post(path, files={"file": ("a.mp4", b"mp4", "video/mp4")})
    simulator.control.post(path, files={"file": ("a.webp", b"webp", "image/webp")}, data={"kind": "sticker"})
    simulator.act("location", {"latitude": 1.5, "longitude": 2.5})
    simulator.act("unsupported", {})
    pass_webhooks_to(pywa, business, 8)
    found = {str(update.type.value): update for update in updates}
    assert found.keys() == {"text", "image", "document", "audio", "video", "sticker", "location", "unsupported"}
    assert (found["text"].text, found["text"].from_user.wa_id) == ("Grüße 👋", CUSTOMER)
    assert found["image"].caption == "look"
    assert found["document"].document.filename == "Ü.pdf"
    assert found["document"].document.get_bytes() == PDF
    assert found["audio"].audio.voice is True


def test_pywa_understands_taps_and_statuses(
    simulator: RunningSimulator, business: WebhookReceiver, pywa: WhatsApp, updates: list[Any]
) -> None:
    simulator.control.post("/handset/window", json={"contact": CUSTOMER})
    pywa.send_message(CUSTOMER, "Sure?", buttons=[types.Button("Yes", "yes")])
    section = types.Section("All", [types.SectionRow("One", "1")])
    pywa.send_message(CUSTOMER, "Which?", buttons=types.SectionList("Choose", [section]))
    simulator.act("choice", {"id": "yes"})
    simulator.act("choice", {"id": "1"})
    pass_webhooks_to(pywa, business, 8)
    kinds = [type(update).__name__ for update in updates]
    assert (len(kinds), kinds.count("MessageStatus")) == (8, 6)
    assert {"CallbackButton", "CallbackSelection"} <= set(kinds)
    tapped = next(update for update in updates if isinstance(update, types.CallbackButton))
    assert (tapped.data, tapped.title) == ("yes", "Yes")
