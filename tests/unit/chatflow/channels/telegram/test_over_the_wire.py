"""The client over the real fetch port and real sockets: files in, and a token that is a part of every address.

Whatever fails, and however: the token is in no message, no cause, no log line, and nothing that is stored.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.channels.manifest import load
from chatflow.channels.telegram.client import Client
from chatflow.errors import ChannelRefused, ChannelUnavailable, ChatflowError, InDoubt, MediaUnavailable, TooLarge
from chatflow.messages import IncomingMedia, Text
from tests.contract.channels.assertions import error_texts
from tests.contract.channels.channel_under_test import FILE
from tests.fakes.faulty_server import breaks_off, cuts, in_turn
from tests.fakes.fetch import Reply
from tests.fakes.http_server import Answering, Server, says, serving
from tests.fakes.outgoing_file import FakeFile
from tests.unit.chatflow.channels.telegram.examples import (
    ACCOUNT,
    CONTACT,
    FILE_ID,
    MEDIA,
    SECRET,
    error,
    file,
    result,
    sent,
)

TOKEN = SECRET["bot_token"]
SECRET_PART = TOKEN.partition(":")[2]


def ok(value: object) -> Answering:
    return says(result(value).body)


def refuses(reply: Reply, status: str) -> Answering:
    return says(reply.body, status)


FOUND = ok(file(file_path="documents/file 5.pdf"))


@contextmanager
def telegram(*steps: Answering) -> Iterator[tuple[Server, Client]]:
    """A server in Telegram's place that answers in these ways, and a client of it."""
    with serving(in_turn(*steps)) as server:
        yield server, client_of(server)


def client_of(server: Server) -> Client:
    manifest = load("telegram").at(server.url("/"))
    return Client(ACCOUNT, SECRET, GuardedFetch(server.private), manifest.hosts, manifest.api)


def soon() -> int:
    return int((time.time() + 20) * 1000)


def read(client: Client, media: IncomingMedia = MEDIA) -> bytes:
    with client.open(media, soon()) as found:
        return b"".join(iter(lambda: found.read(4096), b""))


def test_a_message_arrives() -> None:
    with telegram(ok(sent(text="x"))) as (server, client):
        assert client.send(Text("Grüße 📷"), CONTACT, "t", soon()) == ["58"]
    [seen] = server.requests
    assert (seen.method, seen.path) == ("POST", f"/bot{TOKEN}/sendMessage")
    assert json.loads(seen.body)["text"] == "Grüße 📷"


def test_a_large_file_is_streamed_with_its_length() -> None:
    outgoing = FakeFile(bytes(range(256)) * 20_000, "video", "video/mp4", "a.mp4")
    with telegram(ok(sent(video=file()))) as (server, client):
        client.deliver(outgoing, CONTACT, "t", soon(), [])
    [seen] = server.requests
    assert outgoing.content in seen.body
    assert int(seen.headers["content-length"]) == len(seen.body)
    assert "transfer-encoding" not in seen.headers


def test_a_file_is_looked_up_and_downloaded() -> None:
    with telegram(FOUND, says(FILE)) as (server, client), client.open(MEDIA, soon()) as found:
        assert b"".join(iter(lambda: found.read(4096), b"")) == FILE
        assert (found.length, found.size, found.sha256) == (len(FILE), len(FILE), "")
    lookup, download = server.requests
    assert (lookup.path, json.loads(lookup.body)) == (f"/bot{TOKEN}/getFile", {"file_id": FILE_ID})
    assert (download.method, download.path) == ("GET", f"/file/bot{TOKEN}/documents/file%205.pdf")


@pytest.mark.parametrize("path", ["../bot5:other/getMe", "/etc/passwd", "a?b#c", "a\r\nX: y", "//evil.example/a", "é"])
def test_an_odd_path_of_a_file_stays_below_the_address_of_files(path: str) -> None:
    with telegram(ok(file(file_path=path)), says(FILE)) as (server, client):
        try:
            read(client)
        except MediaUnavailable:
            assert len(server.requests) == 1
            return
    [_, download] = server.requests
    assert download.path.startswith(f"/file/bot{TOKEN}/")
    assert not {"?", "#", "\r"} & set(download.path)


@pytest.mark.parametrize("path", ["../bot5:other/getMe", "documents/../../x", ".."])
def test_a_path_that_leads_elsewhere_is_not_followed(path: str) -> None:
    with telegram(ok(file(file_path=path))) as (server, client), pytest.raises(MediaUnavailable):
        read(client)
    assert len(server.requests) == 1


def test_a_file_that_telegram_does_not_hand_over_is_too_large() -> None:
    big = refuses(error(400, "Bad Request: file is too big"), "400 Bad Request")
    with telegram(big) as (_, client), pytest.raises(TooLarge):
        read(client)


def test_a_file_that_was_announced_as_larger_is_not_even_asked_for() -> None:
    with telegram() as (server, client), pytest.raises(TooLarge):
        read(client, IncomingMedia(FILE_ID, "video", size=20 * 1024 * 1024 + 1))
    assert server.requests == []


@pytest.mark.parametrize(
    "steps",
    [
        (refuses(error(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), "400 Bad Request"),),
        (refuses(error(429, "Too Many Requests: retry after 5", retry_after=5), "429 Too Many Requests"),),
        (says(b"", "502 Bad Gateway"),),
        (ok({}),),
        (ok([]),),
        (cuts,),
        (FOUND, says(b"", "404 Not Found")),
        (FOUND, says(b"", "302 Found", Location="https://elsewhere.example/file")),
        (FOUND, cuts),
        (FOUND, breaks_off(FILE[:1000], len(FILE))),
    ],
)
def test_a_file_that_does_not_come_is_unavailable(steps: tuple[Answering, ...]) -> None:
    with telegram(*steps) as (_, client), pytest.raises(MediaUnavailable):
        read(client)


def test_a_file_that_comes_later_is_unavailable_for_as_long_as_telegram_says() -> None:
    limit = refuses(error(429, "Too Many Requests: retry after 5", retry_after=5), "429 Too Many Requests")
    with telegram(limit) as (_, client), pytest.raises(MediaUnavailable) as unavailable:
        read(client)
    assert unavailable.value.after == 5.0


def test_a_redirect_to_another_host_gets_nothing() -> None:
    with serving(says(FILE)) as elsewhere:
        away = says(status="302 Found", Location=elsewhere.url("/file"))
        with telegram(FOUND, away) as (_, client), pytest.raises(MediaUnavailable):
            read(client)
    assert elsewhere.requests == []


def test_a_send_without_an_answer_is_in_doubt() -> None:
    with telegram(cuts) as (_, client), pytest.raises(InDoubt):
        client.send(Text("Hello"), CONTACT, "t", soon())


def test_nobody_there_is_unavailable() -> None:
    with serving(says()) as gone:
        client = client_of(gone)
    with pytest.raises(ChannelUnavailable):
        client.send(Text("Hello"), CONTACT, "t", soon())


def echoes(status: str) -> Answering:
    """A server, or something before it, that repeats the address in its answer."""

    def answer(request: object, wire: object) -> None:
        path = getattr(request, "path", "")
        body = json.dumps({"ok": False, "error_code": int(status[:3]), "description": f"Error at {path}"}).encode()
        says(body, status)(request, wire)  # type: ignore[arg-type]

    return answer


FAILURES: dict[str, tuple[Answering, ...]] = {
    "refused": (echoes("400 Bad Request"),),
    "unauthorized": (echoes("401 Unauthorized"),),
    "limited": (echoes("429 Too Many Requests"),),
    "failed": (echoes("500 Internal Server Error"),),
    "moved": (says(b"", "302 Found", Location="http://127.0.0.1:1/elsewhere"),),
    "cut": (cuts,),
    "unreadable": (says(b"<html>"),),
    "broken": (breaks_off(b'{"ok":', 900),),
    "not-handed-over": (FOUND, echoes("404 Not Found")),
    "cut-file": (FOUND, cuts),
    "broken-file": (FOUND, breaks_off(FILE[:1000], len(FILE))),
}


@pytest.mark.parametrize("failure", [*FAILURES, "nobody-there", "too-late"])
@pytest.mark.parametrize("call", ["send", "deliver", "open", "account_name", "register_webhook", "remove_webhook"])
def test_the_token_is_in_no_error_and_no_log(failure: str, call: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    deadline = 0 if failure == "too-late" else soon()

    def use(client: Client) -> None:
        if call == "send":
            client.send(Text("Hello"), CONTACT, "t", deadline)
        elif call == "deliver":
            client.deliver(FakeFile(b"content"), CONTACT, "t", deadline, [])
        elif call == "open":
            with client.open(MEDIA, deadline) as found:
                while found.read(4096):
                    pass
        elif call == "account_name":
            client.account_name(deadline)
        elif call == "register_webhook":
            client.register_webhook("https://x.example", "s", deadline)
        else:
            client.remove_webhook("https://x.example", deadline)

    with telegram(*FAILURES.get(failure, (says(),))) as (_, there):
        client = client_of(Server(1)) if failure == "nobody-there" else there
        assert SECRET_PART not in repr(client)
        try:
            use(client)
        except ChatflowError as caught:
            assert SECRET_PART not in error_texts(caught)
            logging.getLogger("test").exception("failed")
        else:
            assert failure in ("not-handed-over", "cut-file", "broken-file")
            assert call != "open"
    assert SECRET_PART not in caplog.text


def test_a_refusal_is_read_to_its_reason() -> None:
    blocked = refuses(error(403, "Forbidden: bot was blocked by the user"), "403 Forbidden")
    with telegram(blocked) as (_, client), pytest.raises(ChannelRefused) as caught:
        client.send(Text("Hello"), CONTACT, "t", soon())
    assert (caught.value.code, caught.value.cause) == (403, "unreachable")
