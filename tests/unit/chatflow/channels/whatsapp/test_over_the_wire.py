"""The client over the real fetch port and real sockets: what the other side sees, and what a broken line means."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.channels.whatsapp.client import Client
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, MediaUnavailable
from chatflow.messages import IncomingMedia, Text
from tests.contract.channels.channel_under_test import FILE
from tests.fakes import fetch as fake_fetch
from tests.fakes.faulty_server import breaks_off, cuts, in_turn
from tests.fakes.http_server import Answering, Request, Server, Wire, says, serving
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT, CONTACT, SECRET, answer, at_version, error

pytestmark = pytest.mark.usefixtures("graph_version")

MEDIA = IncomingMedia("1003383421387256", "image", "image/jpeg")
ACCEPTED = answer(fake_fetch.Request("POST", "/messages", {}, b"", 0, None, 0)).body


@contextmanager
def _meta(*steps: Answering) -> Iterator[tuple[Server, Client]]:
    """A server in Meta's place that answers in these ways, and a client of it."""
    with serving(in_turn(*steps)) as server:
        yield server, _client(server)


def _client(server: Server) -> Client:
    manifest = at_version(server.url("/{version}"))
    return Client(ACCOUNT, SECRET, GuardedFetch(server.private), manifest.hosts, manifest.api)


def _soon() -> int:
    return int((time.time() + 20) * 1000)


def _finds(port: int, path: str = "/file") -> Answering:
    found = {"url": f"http://127.0.0.1:{port}{path}", "file_size": len(FILE), "mime_type": "image/jpeg"}
    return says(json.dumps(found).encode())


def _leads_to_itself(path: str, *then: Answering) -> Answering:
    """A lookup that names this very server, and what it does then."""
    steps = list(then)

    def answer(request: Request, wire: Wire) -> None:
        here = wire.sock.getsockname()[1]
        (_finds(here, path) if request.path.startswith(f"/{at_version().version}/") else steps.pop(0))(request, wire)

    return answer


def _read(client: Client) -> bytes:
    with client.open(MEDIA, _soon()) as file:
        return b"".join(iter(lambda: file.read(4096), b""))


def test_a_message_arrives() -> None:
    with _meta(says(ACCEPTED)) as (meta, client):
        assert client.send(Text("Grüße 📷"), CONTACT, "t", _soon()) == ["wamid.sent"]
    [seen] = meta.requests
    assert (seen.method, seen.path) == ("POST", f"/{at_version().version}/{ACCOUNT}/messages")
    assert seen.headers["authorization"] == f"Bearer {SECRET['access_token']}"
    assert json.loads(seen.body)["text"]["body"] == "Grüße 📷"


def test_a_number_says_whose_it_is() -> None:
    number = json.dumps({"verified_name": "Claims", "display_phone_number": "+1 555-078-3881"}).encode()
    with _meta(says(number)) as (meta, client):
        assert client.account_name(_soon()) == "Claims (+1 555-078-3881)"
    [seen] = meta.requests
    assert (seen.method, seen.path) == (
        "GET",
        f"/{at_version().version}/{ACCOUNT}?fields=display_phone_number,verified_name",
    )
    assert seen.headers["authorization"] == f"Bearer {SECRET['access_token']}"


def test_a_large_file_is_uploaded_with_its_length() -> None:
    content = bytes(range(256)) * 20_000
    with _meta(says(b'{"id": "7"}')) as (meta, client):
        assert client.upload(io.BytesIO(content), len(content), "video/mp4", "a.mp4", _soon()) == "7"
    [seen] = meta.requests
    assert content in seen.body
    assert int(seen.headers["content-length"]) == len(seen.body)
    assert "transfer-encoding" not in seen.headers


def test_a_file_is_looked_up_and_downloaded() -> None:
    with _meta(_leads_to_itself("/file?mid=1", says(FILE))) as (meta, client), client.open(MEDIA, _soon()) as file:
        assert b"".join(iter(lambda: file.read(4096), b"")) == FILE
        assert file.length == file.size == len(FILE)
    assert [seen.path for seen in meta.requests] == [f"/{at_version().version}/{MEDIA.id}", "/file?mid=1"]
    assert all(seen.headers["authorization"] for seen in meta.requests)


def test_a_redirect_to_another_host_gets_nothing() -> None:
    with serving(says(FILE)) as elsewhere:
        away = says(status="302 Found", Location=elsewhere.url("/file"))
        with _meta(_leads_to_itself("/file", away)) as (_, client), pytest.raises(MediaUnavailable):
            _read(client)
    assert elsewhere.requests == []


def test_a_download_that_is_cut_is_unavailable() -> None:
    cut = breaks_off(FILE[:1000], len(FILE))
    with _meta(_leads_to_itself("/file", cut)) as (_, client), pytest.raises(MediaUnavailable, match="stopped sending"):
        _read(client)


def test_a_send_without_an_answer_is_in_doubt() -> None:
    with _meta(cuts) as (_, client), pytest.raises(InDoubt):
        client.send(Text("Hello"), CONTACT, "t", _soon())


def test_a_refusal_is_read_to_its_code() -> None:
    refused = says(error(131047, "24 hours").body, "400 Bad Request")
    with _meta(refused) as (_, client), pytest.raises(ChannelRefused) as caught:
        client.send(Text("Hello"), CONTACT, "t", _soon())
    assert caught.value.code == 131047


def test_nobody_there_is_unavailable() -> None:
    with serving(says()) as gone:
        client = _client(gone)
    with pytest.raises(ChannelUnavailable):
        client.send(Text("Hello"), CONTACT, "t", _soon())
