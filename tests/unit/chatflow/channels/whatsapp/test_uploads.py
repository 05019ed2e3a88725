"""Uploading a file: one multipart body, streamed, that another parser reads as we meant it."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from python_multipart.multipart import parse_form

from chatflow.channels.whatsapp.client import MEDIA_ID_SECONDS, Client
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, Unavailable
from tests.fakes.fetch import FakeFetch, Reply
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT, SECRET, answer, at_version, error

pytestmark = pytest.mark.usefixtures("graph_version")

DEADLINE = 1_800_000_000_000
PDF = b"%PDF-1.7\r\n--boundary\r\n" + bytes(range(256)) * 4_000


def _upload(fetch: FakeFetch, content: bytes = PDF, size: int | None = None, filename: str = "claim.pdf") -> str:
    manifest = at_version()
    client = Client(ACCOUNT, SECRET, fetch, manifest.hosts, manifest.api)
    length = len(content) if size is None else size
    return client.upload(io.BytesIO(content), length, "application/pdf", filename, DEADLINE)


def _read_form(fetch: FakeFetch) -> tuple[dict[str, str], list[tuple[str, str, bytes]]]:
    """The fields and the files of what was sent, as python-multipart reads them."""
    [request] = fetch.requests
    fields: dict[str, str] = {}
    files: list[tuple[str, str, bytes]] = []

    def on_field(field: Any) -> None:
        fields[field.field_name.decode()] = field.value.decode()

    def on_file(file: Any) -> None:
        file.file_object.seek(0)
        files.append((file.field_name.decode(), file.file_name.decode(), file.file_object.read()))

    headers = {"Content-Type": request.headers["content-type"].encode(), "Content-Length": b"%d" % len(request.body)}
    parse_form(headers, io.BytesIO(request.body), on_field, on_file)
    return fields, files


def test_a_file_is_uploaded_as_the_form_that_meta_documents() -> None:
    fetch = FakeFetch(answer)
    assert _upload(fetch) == "2871834006348767"
    fields, files = _read_form(fetch)
    assert fields == {"messaging_product": "whatsapp", "type": "application/pdf"}
    assert files == [("file", "claim.pdf", PDF)]
    [request] = fetch.requests
    assert (request.method, request.url) == ("POST", f"{at_version().api}/{ACCOUNT}/media")
    assert b"Content-Type: application/pdf\r\n" in request.body


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
@pytest.mark.timeout(20)  # an encoder that is lied to about lengths never ends
def test_every_byte_arrives_whatever_the_size(size: int) -> None:
    fetch, content = FakeFetch(answer), hashlib.shake_256(b"seed").digest(size)
    _upload(fetch, content)
    [(_, _, received)] = _read_form(fetch)[1]
    assert received == content


def test_no_more_is_read_than_the_announced_size() -> None:
    fetch = FakeFetch(answer)
    _upload(fetch, b"abcdef", size=4)
    assert _read_form(fetch)[1] == [("file", "claim.pdf", b"abcd")]


@pytest.mark.timeout(20)
def test_a_file_that_ends_early_is_an_error_and_not_an_endless_wait() -> None:
    with pytest.raises(ChannelUnavailable):
        _upload(FakeFetch(answer), b"abc", size=1_000_000)


@pytest.mark.parametrize(
    "filename", ['a"; filename="evil.exe', "a\r\nX-Evil: 1\r\n\r\nb", "grüße 📷.pdf", "", "..\\..\\a.pdf", "a;b=c.pdf"]
)
def test_a_name_cannot_change_the_shape_of_the_form(filename: str) -> None:
    fetch = FakeFetch(answer)
    _upload(fetch, filename=filename)
    fields, files = _read_form(fetch)
    assert fields == {"messaging_product": "whatsapp", "type": "application/pdf"}
    assert [(name, content) for name, _, content in files] == [("file", PDF)]
    assert b"\r\nX-Evil" not in fetch.requests[0].body


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error(131053, "bad file"), ChannelRefused),
        (error(100, "too large"), ChannelRefused),
        (error(131016, "down"), ChannelUnavailable),
        (Reply(413, b""), ChannelRefused),
        (Reply(500, b""), ChannelUnavailable),
        (Reply(200, b"{}"), ChannelUnavailable),
        (Reply(200, b"<html>"), ChannelUnavailable),
        (Unavailable("refused"), ChannelUnavailable),
        (InDoubt("no answer"), ChannelUnavailable),
    ],
    ids=str,
)
def test_a_failed_upload_is_never_in_doubt(reply: Reply | Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        _upload(FakeFetch(lambda _request: reply))


def test_a_media_id_is_trusted_for_less_than_the_thirty_days_that_meta_keeps_it() -> None:
    assert 0 < MEDIA_ID_SECONDS < 30 * 86_400


@pytest.mark.parametrize(
    ("mime", "sent"),
    [("audio/ogg", "audio/ogg; codecs=opus"), ("audio/mpeg", "audio/mpeg"), ("application/pdf", "application/pdf")],
)
def test_ogg_is_uploaded_with_the_name_of_its_codec(mime: str, sent: str) -> None:
    fetch = FakeFetch(answer)
    manifest = at_version()
    client = Client(ACCOUNT, SECRET, fetch, manifest.hosts, manifest.api)
    client.upload(io.BytesIO(b"OggS"), 4, mime, "note.ogg", DEADLINE)
    fields, _files = _read_form(fetch)
    assert fields["type"] == sent
    assert f"Content-Type: {sent}\r\n".encode() in fetch.requests[0].body
