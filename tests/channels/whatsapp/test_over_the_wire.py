"""The client over the real fetch port and real sockets: what the other side sees, and what a broken line means."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator

import pytest

from chatflow.adapters.fetch import GuardedFetch
from chatflow.channels.manifest import load
from chatflow.channels.whatsapp.client import Client
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, MediaUnavailable
from chatflow.messages import IncomingMedia, Text
from tests.channels.contract import FILE
from tests.channels.fake_fetch import Request
from tests.channels.whatsapp.examples import ACCOUNT, CONTACT, SECRET, answer, error
from tests.fakes.faulty_server import FaultyServer, answers, cuts, cuts_within, faulty_server

MEDIA = IncomingMedia("1003383421387256", "image", "image/jpeg")
ACCEPTED = answer(Request("POST", "/messages", {}, b"", 0, None, 0)).body


@pytest.fixture
def meta() -> Iterator[FaultyServer]:
    with faulty_server() as server:
        yield server


def _client(meta: FaultyServer) -> Client:
    manifest = load("whatsapp").at(f"{meta.url}/v23.0")
    return Client(ACCOUNT, SECRET, GuardedFetch(frozenset({meta.address})), manifest.hosts, manifest.api)


def _soon() -> int:
    return int((time.time() + 20) * 1000)


def _found(url: str) -> bytes:
    return json.dumps({"url": url, "file_size": len(FILE), "mime_type": "image/jpeg"}).encode()


def test_a_message_arrives(meta: FaultyServer) -> None:
    meta.script[:] = [answers(200, ACCEPTED)]
    assert _client(meta).send(Text("Grüße 📷"), CONTACT, "t", _soon()) == ["wamid.sent"]
    [seen] = meta.seen
    assert (seen.method, seen.path) == ("POST", f"/v23.0/{ACCOUNT}/messages")
    assert seen.headers["authorization"] == f"Bearer {SECRET['access_token']}"
    assert json.loads(seen.body)["text"]["body"] == "Grüße 📷"


def test_a_large_file_is_uploaded_with_its_length(meta: FaultyServer) -> None:
    meta.script[:] = [answers(200, b'{"id": "7"}')]
    content = bytes(range(256)) * 20_000
    assert _client(meta).upload(io.BytesIO(content), len(content), "video/mp4", "a.mp4", _soon()) == "7"
    [seen] = meta.seen
    assert content in seen.body
    assert int(seen.headers["content-length"]) == len(seen.body)
    assert "transfer-encoding" not in seen.headers


def test_a_file_is_looked_up_and_downloaded(meta: FaultyServer) -> None:
    meta.script[:] = [answers(200, _found(f"{meta.url}/file?mid=1")), answers(200, FILE)]
    with _client(meta).open(MEDIA, _soon()) as file:
        assert b"".join(iter(lambda: file.read(4096), b"")) == FILE
        assert file.length == file.size == len(FILE)
    assert [seen.path for seen in meta.seen] == [f"/v23.0/{MEDIA.id}?phone_number_id={ACCOUNT}", "/file?mid=1"]
    assert all(seen.headers["authorization"] for seen in meta.seen)


def test_a_redirect_to_another_host_gets_nothing(meta: FaultyServer) -> None:
    with faulty_server() as elsewhere:
        meta.script[:] = [answers(200, _found(f"{meta.url}/file")), answers(302, location=f"{elsewhere.url}/file")]
        with pytest.raises(MediaUnavailable), _client(meta).open(MEDIA, _soon()):
            pass
        assert elsewhere.seen == []


def test_a_download_that_is_cut_is_unavailable(meta: FaultyServer) -> None:
    meta.script[:] = [answers(200, _found(f"{meta.url}/file")), cuts_within(FILE[:1000], len(FILE))]
    with _client(meta).open(MEDIA, _soon()) as file, pytest.raises(MediaUnavailable):
        while file.read(4096):
            pass


def test_a_send_without_an_answer_is_in_doubt(meta: FaultyServer) -> None:
    meta.script[:] = [cuts]
    with pytest.raises(InDoubt):
        _client(meta).send(Text("Hello"), CONTACT, "t", _soon())


def test_a_refusal_is_read_to_its_code(meta: FaultyServer) -> None:
    meta.script[:] = [answers(400, error(131047, "24 hours").body)]
    with pytest.raises(ChannelRefused) as caught:
        _client(meta).send(Text("Hello"), CONTACT, "t", _soon())
    assert caught.value.code == 131047


def test_nobody_there_is_unavailable() -> None:
    with faulty_server() as gone:
        client = _client(gone)
    with pytest.raises(ChannelUnavailable):
        client.send(Text("Hello"), CONTACT, "t", _soon())
