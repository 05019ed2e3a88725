"""The business system receives and serves real files."""

from __future__ import annotations

import hashlib
import io

import httpx
import pytest
from docx import Document
from PIL import Image

from local.business_api.documents import DOCUMENTS


def test_a_file_for_a_claim_is_stored_as_it_was_sent(business: httpx.Client) -> None:
    content = bytes(range(256)) * 5000
    answer = business.post(
        "/claims/ab 123/files",
        data={"plate": "AB 123", "note": "left door"},
        files={"file": ("Schaden ä.jpg", content, "image/jpeg")},
        headers={"idempotency-key": "k1"},
    )
    assert answer.status_code == 201
    assert answer.json() == {"claim": {"id": "C-1001", "status": "review", "files": 1}}
    [upload] = business.get("/api/uploads").json()["uploads"]
    assert upload["sha256"] == hashlib.sha256(content).hexdigest()
    assert (upload["plate"], upload["filename"], upload["content_type"]) == ("AB 123", "Schaden ä.jpg", "image/jpeg")
    assert (upload["size"], upload["idempotency_key"]) == (len(content), "k1")
    assert upload["fields"] == {"note": "left door"}
    assert business.get(upload["url"]).content == content


def test_a_second_file_for_a_plate_goes_to_the_same_claim_which_is_accepted(business: httpx.Client) -> None:
    for count, status in ((1, "review"), (2, "accepted")):
        claim = business.post("/claims/AB 123/files", files={"file": ("a", b"x", "image/png")}).json()["claim"]
        assert claim == {"id": "C-1001", "status": status, "files": count}


def test_parts_of_the_same_name_are_files_of_one_request_and_come_once(business: httpx.Client) -> None:
    parts = [("file", (f"{n}.png", n.encode(), "image/png")) for n in "abc"]
    for _ in range(2):
        answer = business.post("/files", files=parts, headers={"idempotency-key": "k2"})
        assert answer.json()["received"] == 3
    uploads = business.get("/api/uploads").json()["uploads"]
    assert [upload["filename"] for upload in reversed(uploads)] == ["a.png", "b.png", "c.png"]


def test_a_single_file_is_answered_with_its_facts(business: httpx.Client) -> None:
    answer = business.post("/files", files={"file": ("a.txt", b"hello", "text/plain")})
    assert answer.status_code == 201
    assert answer.json()["file"] == {
        "id": answer.json()["file"]["id"],
        "sha256": hashlib.sha256(b"hello").hexdigest(),
        "size": 5,
        "content_type": "text/plain",
        "filename": "a.txt",
    }


def test_the_same_idempotency_key_gets_the_same_answer_and_is_counted(business: httpx.Client) -> None:
    answers = [
        business.post("/files", files={"file": ("a", b"x", "image/png")}, headers={"idempotency-key": "again"})
        for _ in range(3)
    ]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    [upload] = business.get("/api/uploads").json()["uploads"]
    assert upload["repeats"] == 2


@pytest.mark.parametrize("header", [{"authorization": "Bearer wrong"}, {"authorization": ""}])
def test_without_the_token_nothing_is_accepted(business: httpx.Client, header: dict[str, str]) -> None:
    answer = business.post("/files", files={"file": ("a", b"x", "image/png")}, headers=header)
    assert answer.status_code == 401
    assert business.get("/documents/report.pdf", headers=header).status_code == 401
    assert business.get("/api/uploads").json()["uploads"] == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="plate"\r\n\r\nx\r\n--b--\r\n',
        ),
    ],
    ids=["not a form", "a form cut short", "a form without a file"],
)
def test_a_body_without_a_complete_form_and_file_is_refused(
    business: httpx.Client, content_type: str, body: bytes
) -> None:
    answer = business.post("/files", content=body, headers={"content-type": content_type})
    assert answer.status_code == 400
    assert business.get("/api/uploads").json()["uploads"] == []


def test_every_document_has_the_format_of_its_name(business: httpx.Client) -> None:
    starts = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "ogg": b"OggS", "docx": b"PK\x03\x04"}
    for name, mime in DOCUMENTS.items():
        answer = business.get(f"/documents/{name}")
        assert answer.headers["content-type"] == mime
        assert name in answer.headers["content-disposition"]
        kind = name.rpartition(".")[2]
        if kind == "mp4":
            assert answer.content[4:8] == b"ftyp"
        else:
            assert answer.content.startswith(starts[kind])
        if kind == "jpg":
            assert Image.open(io.BytesIO(answer.content)).size == (1600, 900)
        if kind == "docx":
            assert "Contract" in Document(io.BytesIO(answer.content)).paragraphs[0].text


def test_a_report_is_a_pdf_named_after_the_plate(business: httpx.Client) -> None:
    answer = business.post("/reports", json={"plate": "ab 123"})
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-disposition"] == 'attachment; filename="report-AB123.pdf"'
    assert business.post("/reports", content=b"no").status_code == 400


def test_the_page_and_its_data_are_served(business: httpx.Client) -> None:
    assert "Business system" in business.get("/").text
    assert business.get("/api/uploads").json() == {"uploads": []}
