"""Uploads, lookups and downloads: storage, refusals, and the ownership of media."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from tests.unit.local.whatsapp_simulator.conftest import CUSTOMER, NUMBER, OTHER_NUMBER, RunningSimulator

PDF = b"%PDF-1.4 " + b"x" * 5000


def test_what_was_uploaded_comes_back_byte_for_byte(simulator: RunningSimulator) -> None:
    body = bytes(range(256)) * 4000 + b"\r\n--boundary\r\n"
    media_id = simulator.upload(body, "application/pdf", "Ü (1).pdf").json()["id"]
    about = simulator.graph.get(f"/{media_id}", params={"phone_number_id": NUMBER}).json()
    assert about["sha256"] == hashlib.sha256(body).hexdigest()
    assert (about["file_size"], about["mime_type"], about["id"]) == (len(body), "application/pdf", media_id)
    assert simulator.graph.get(about["url"]).content == body


@pytest.mark.parametrize(
    ("mime", "size", "code"),
    [
        ("application/zip", 10, 100),
        ("image/gif", 10, 100),
        ("text/html", 10, 100),
        ("application/pdf", 0, 100),
        ("image/jpeg", 5 * 1024 * 1024 + 1, 131053),
        ("image/webp", 500 * 1024 + 1, 131053),
        ("audio/mpeg", 16 * 1024 * 1024 + 1, 131053),
    ],
)
def test_an_upload_that_no_kind_of_message_can_carry_is_refused(
    simulator: RunningSimulator, mime: str, size: int, code: int
) -> None:
    answer = simulator.upload(b"x" * size, mime)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_refused_upload_leaves_no_file_behind(simulator: RunningSimulator) -> None:
    simulator.upload(b"x", "application/zip")
    assert list((simulator.state.settings.data / "media").iterdir()) == []


@pytest.mark.parametrize("size", [5 * 1024 * 1024])
def test_an_image_of_exactly_five_megabytes_is_accepted(simulator: RunningSimulator, size: int) -> None:
    assert simulator.upload(b"x" * size, "image/jpeg").status_code == 200


def test_a_form_without_the_product_or_the_file_is_refused(simulator: RunningSimulator) -> None:
    path = f"/{NUMBER}/media"
    no_product = simulator.graph.post(path, files={"file": ("a.pdf", PDF, "application/pdf")})
    no_file = simulator.graph.post(path, files={"messaging_product": (None, "whatsapp")})
    # Without a filename the part is a field and no file, at Meta as in most multipart readers.
    no_filename = simulator.graph.post(path, files={"file": (None, PDF), "messaging_product": (None, "whatsapp")})
    no_form = simulator.graph.post(path, json={"messaging_product": "whatsapp"})
    for answer in (no_product, no_file, no_filename, no_form):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100), answer.text


def test_the_fields_may_come_before_or_after_the_file(simulator: RunningSimulator) -> None:
    parts = [("type", (None, "application/pdf")), ("messaging_product", (None, "whatsapp"))]
    file = [("file", ("a.pdf", PDF, "application/pdf"))]
    for form in (file + parts, parts + file):
        assert simulator.graph.post(f"/{NUMBER}/media", files=form).status_code == 200


@pytest.mark.parametrize(
    ("kind", "mime", "size", "code"),
    [
        ("image", "application/pdf", 10, 131053),
        ("video", "image/png", 10, 131053),
        ("audio", "video/mp4", 10, 131053),
        ("sticker", "image/jpeg", 10, 131053),
        ("image", "image/webp", 10, 131053),
    ],
)
def test_media_of_the_wrong_type_for_its_kind_is_refused(
    simulator: RunningSimulator, kind: str, mime: str, size: int, code: int
) -> None:
    simulator.say("hello")
    media_id = simulator.upload(b"x" * size, mime).json()["id"]
    answer = simulator.send(kind, {"id": media_id})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_media_of_another_number_can_be_neither_sent_nor_looked_up(simulator: RunningSimulator) -> None:
    simulator.say("hello")
    media_id = simulator.upload(PDF, "application/pdf", number=OTHER_NUMBER).json()["id"]
    sent = simulator.send("document", {"id": media_id, "filename": "a.pdf"})
    found = simulator.graph.get(f"/{media_id}", params={"phone_number_id": NUMBER})
    for answer in (sent, found):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert simulator.graph.get(f"/{media_id}").status_code == 200


def test_media_is_downloaded_only_with_the_token(simulator: RunningSimulator) -> None:
    media_id = simulator.upload(PDF, "application/pdf").json()["id"]
    url = simulator.graph.get(f"/{media_id}").json()["url"]
    assert httpx.get(url).status_code == 401
    assert simulator.graph.get(url + "x").status_code == 404


def test_an_address_of_media_is_valid_for_five_minutes(simulator: RunningSimulator) -> None:
    media_id = simulator.upload(PDF, "application/pdf").json()["id"]
    url = simulator.graph.get(f"/{media_id}").json()["url"]
    simulator.clock.ahead += 299
    assert simulator.graph.get(url).status_code == 200
    simulator.clock.ahead += 3
    assert simulator.graph.get(url).status_code == 404
    assert simulator.graph.get(simulator.graph.get(f"/{media_id}").json()["url"]).status_code == 200


def test_media_is_gone_after_thirty_days_and_what_a_customer_sent_after_seven(simulator: RunningSimulator) -> None:
    ours = simulator.upload(PDF, "application/pdf").json()["id"]
    sent = simulator.control.post(f"/handset/contacts/{CUSTOMER}/media", files={"file": ("a.pdf", PDF)}).json()
    theirs = sent["messages"][0]["media"]
    simulator.clock.ahead += 8 * 86400
    assert [simulator.graph.get(f"/{media_id}").status_code for media_id in (ours, theirs)] == [200, 400]
    simulator.clock.ahead += 23 * 86400
    assert simulator.graph.get(f"/{ours}").status_code == 400


def test_removed_media_is_unknown(simulator: RunningSimulator) -> None:
    media_id = simulator.upload(PDF, "application/pdf").json()["id"]
    assert simulator.graph.delete(f"/{media_id}").json() == {"success": True}
    assert simulator.graph.get(f"/{media_id}").json()["error"]["error_subcode"] == 33
