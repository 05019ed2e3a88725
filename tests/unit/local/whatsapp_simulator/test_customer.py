"""Actions of a customer, and the messages of Meta that they become."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from chatflow.channels.whatsapp.webhook import parse
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, RunningSimulator

ENVELOPE = {"messaging_product", "metadata", "contacts", "messages"}


def send_file(simulator: RunningSimulator, body: bytes, filename: str, announced: str, **fields: str) -> dict[str, Any]:
    path = f"/handset/contacts/{CUSTOMER}/media"
    answer = simulator.control.post(path, files={"file": (filename, body, announced)}, data=fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["messages"][0])


def only_message(business: WebhookReceiver) -> dict[str, Any]:
    business.wait_for(lambda received: len(received) == 1)
    (message,) = business.messages()
    return message


def test_a_text_has_the_envelope_of_meta(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.say("Does it come in another color?")
    message = only_message(business)
    value = business.received[0].value
    assert value.keys() == ENVELOPE
    assert value["metadata"] == {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    user_id = value["contacts"][0]["user_id"]
    assert value["contacts"] == [{"profile": {"name": "Mara Lindqvist"}, "wa_id": CUSTOMER, "user_id": user_id}]
    assert message["from_user_id"] == user_id
    assert message["text"] == {"body": "Does it come in another color?"}
    assert message["from"] == CUSTOMER
    assert message["timestamp"].isdigit()
    assert message["id"].startswith("wamid.")


@pytest.mark.parametrize(
    ("file", "fields", "expected"),
    [
        (("a.jpg", "image/jpeg"), {"caption": "look"}, ("image", {"caption": "look"})),
        (("a.mp4", "video/mp4"), {"caption": "look"}, ("video", {"caption": "look"})),
        (("Ü (1).pdf", "application/pdf"), {"caption": "x"}, ("document", {"filename": "Ü (1).pdf", "caption": "x"})),
        (("a.ogg", "audio/ogg"), {"voice": "true", "caption": "lost"}, ("audio", {"voice": True})),
        (("a.mp3", "audio/mpeg"), {}, ("audio", {"voice": False})),
        (("a.webp", "image/webp"), {"kind": "sticker"}, ("sticker", {"animated": False})),
        (("photo.jpg", "image/jpeg"), {"kind": "document"}, ("document", {"filename": "photo.jpg"})),
    ],
)
def test_each_kind_of_file_carries_the_fields_that_meta_sends(
    simulator: RunningSimulator, business: WebhookReceiver, file: tuple[str, str], fields: dict[str, str], expected: Any
) -> None:
    (filename, mime), (kind, beside) = file, expected
    send_file(simulator, b"bytes", filename, mime, **fields)
    message = only_message(business)
    assert message["type"] == kind
    media = message[kind]
    plain = {key: value for key, value in media.items() if key not in ("mime_type", "sha256", "id", "url")}
    assert plain == beside
    assert media["mime_type"] == ("audio/ogg; codecs=opus" if filename == "a.ogg" else mime)


def test_the_hash_is_base64_in_the_webhook_and_hex_in_the_lookup(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    shown = send_file(simulator, b"bytes", "a.jpg", "image/jpeg")
    media = only_message(business)["image"]
    digest = hashlib.sha256(b"bytes").digest()
    assert base64.b64decode(media["sha256"]) == digest
    assert simulator.graph.get(f"/{media['id']}").json()["sha256"] == digest.hex() == shown["sha256"]
    assert simulator.graph.get(media["url"]).content == b"bytes"
    assert simulator.control.get(f"/handset/media/{media['id']}").content == b"bytes"


def test_the_address_of_media_may_be_left_out_of_the_webhook(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(media_url_in_webhooks=False)
    send_file(simulator, b"bytes", "a.jpg", "image/jpeg")
    assert "url" not in only_message(business)["image"]


def test_a_file_may_be_announced_as_another_type(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    send_file(simulator, b"MZ", "virus.exe", "application/x-msdownload", mime="image/jpeg", kind="image")
    assert only_message(business)["image"]["mime_type"] == "image/jpeg"


def offer(simulator: RunningSimulator, interactive: dict[str, Any]) -> str:
    simulator.control.post("/handset/window", json={"contact": CUSTOMER})
    answer = simulator.send("interactive", {"body": {"text": "Which?"}, **interactive})
    return str(answer.json()["messages"][0]["id"])


def test_a_tapped_button_answers_the_message_that_offers_it(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(statuses=[])
    buttons = [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]
    wamid = offer(simulator, {"type": "button", "action": {"buttons": buttons}})
    simulator.act("choice", {"id": "yes"})
    message = only_message(business)
    assert message["interactive"] == {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}
    assert message["context"]["id"] == wamid


def test_a_chosen_row_carries_its_description(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(statuses=[])
    rows = [{"id": "a", "title": "A", "description": "first"}]
    offer(simulator, {"type": "list", "action": {"button": "Choose", "sections": [{"rows": rows}]}})
    simulator.act("choice", {"id": "a"})
    assert only_message(business)["interactive"] == {"type": "list_reply", "list_reply": rows[0]}


def test_an_option_that_nobody_offered_cannot_be_tapped(simulator: RunningSimulator) -> None:
    answer = simulator.control.post(f"/handset/contacts/{CUSTOMER}/choice", json={"id": "yes"})
    assert answer.status_code == 409


def test_a_customer_with_a_username_is_known_by_the_user_id_alone(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    contact = simulator.control.post("/handset/contacts", json={"wa_id": CUSTOMER, "username": "mara.l"}).json()
    simulator.say("hello")
    message = only_message(business)
    assert "from" not in message
    assert business.received[0].value["contacts"] == [
        {"profile": {"name": "Mara Lindqvist", "username": "mara.l"}, "user_id": contact["user_id"]}
    ]
    assert message["from_user_id"] == contact["user_id"]
    envelope = {"messaging_product": "whatsapp", "recipient": contact["user_id"], "type": "text", "text": {"body": "x"}}
    answer = simulator.graph.post(f"/{NUMBER}/messages", json=envelope).json()
    assert answer["contacts"] == [{"input": contact["user_id"], "user_id": contact["user_id"]}]
    business.wait_for(lambda _: bool(business.statuses()))
    assert business.statuses()[0]["recipient_user_id"] == contact["user_id"]
    assert "recipient_id" not in business.statuses()[0]


def test_the_older_webhooks_are_without_user_ids(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.set(user_ids_in_webhooks=False)
    simulator.say("hello")
    assert "from_user_id" not in only_message(business)
    assert "user_id" not in business.received[0].value["contacts"][0]


def test_a_location_the_unsupported_and_a_raw_message(simulator: RunningSimulator, business: WebhookReceiver) -> None:
    simulator.act("location", {"latitude": 37.44, "longitude": -122.16, "name": "x"})
    simulator.act("unsupported", {})
    simulator.act("raw", {"type": "order", "order": {"catalog_id": "1"}})
    business.wait_for(lambda received: len(received) == 3)
    found = {message["type"]: message for message in business.messages()}
    assert found["location"]["location"] == {"latitude": 37.44, "longitude": -122.16, "name": "x"}
    assert found["unsupported"]["errors"][0]["code"] == 131051
    assert found["order"]["order"] == {"catalog_id": "1"}


def test_a_customer_hides_and_shows_the_number_at_any_moment(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    for count, hide in enumerate((False, True, False), start=1):
        simulator.control.post("/handset/contacts", json={"wa_id": CUSTOMER, "hide_number": hide}).raise_for_status()
        simulator.say("hello")
        business.wait_for(lambda _, count=count: len(business.messages()) == count)  # webhooks race
    assert ["from" in message for message in business.messages()] == [True, False, True]
    assert len({message["from_user_id"] for message in business.messages()}) == 1


@pytest.mark.parametrize(("hidden", "kind"), [(False, "user_changed_number"), (True, "user_changed_user_id")])
def test_a_change_of_number_is_told_by_a_system_message_without_contacts(
    simulator: RunningSimulator, business: WebhookReceiver, hidden: bool, kind: str
) -> None:
    post = simulator.control.post
    old = post("/handset/contacts", json={"wa_id": CUSTOMER, "hide_number": hidden}).json()["user_id"]
    post(f"/handset/contacts/{CUSTOMER}/number", json={"wa_id": "4915100000099"}).raise_for_status()
    message = only_message(business)
    assert "contacts" not in business.received[0].value
    system = message["system"]
    assert (system["type"], system["previous_user_id"]) == (kind, old)
    assert system["user_id"] != old
    assert ("wa_id" in system, "from" in message) == (not hidden, not hidden)


def test_the_newer_kinds_of_message_are_what_the_channel_reads(
    simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.act("text", {"text": "B AB 1", "forwarded": True, "referral": {"source_type": "ad", "source_id": "7"}})
    simulator.act("edit", {"text": "B AB 1234"})
    simulator.act("cards", {"contacts": [{"name": {"formatted_name": "Ann"}, "phones": [{"phone": "+49 30 1"}]}]})
    simulator.act("form", {"answers": {"plate": "B AB 1"}})
    simulator.act("welcome", {})
    simulator.act("unsupported", {"kind": "pin"})
    simulator.act("unsupported", {"code": 131060})
    business.wait_for(lambda received: len(received) == 7)

    read = [message for each in business.received for message in parse(each.body).messages]
    kinds = {message.other or message.kind: message for message in read}
    assert kinds.keys() == {"text", "edit", "contacts", "form", "request_welcome", "pin", "unavailable"}
    assert kinds["text"].forwarded
    assert kinds["text"].referral == {"source_type": "ad", "source_id": "7"}
    assert (kinds["edit"].text, kinds["edit"].original) == ("B AB 1234", kinds["text"].id)
    assert kinds["contacts"].contacts == [{"name": "Ann", "phones": ["+49 30 1"]}]
    assert kinds["form"].form == {"plate": "B AB 1"}


def test_an_edit_needs_a_text_to_edit(simulator: RunningSimulator) -> None:
    assert simulator.control.post("/handset/contacts/16505551234/edit", json={"text": "x"}).status_code == 409


@pytest.mark.parametrize(("major", "told"), [(23, True), (26, False)])
def test_statuses_name_a_conversation_up_to_version_23(
    major: int, told: bool, simulator: RunningSimulator, business: WebhookReceiver
) -> None:
    simulator.set(webhooks_major=major)
    simulator.act("text", {"text": "Hi"})
    simulator.send("text", {"body": "Hello"})
    business.wait_for(lambda received: any("statuses" in each.value for each in received))
    statuses = [status for each in business.received for status in each.value.get("statuses", ())]
    assert {"conversation" in status for status in statuses} == {told}
