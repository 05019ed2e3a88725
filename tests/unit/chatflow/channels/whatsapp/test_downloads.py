"""Opening a customer's file: by the address that came with it while that is good, by its id after that."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chatflow.channels.whatsapp.client import Client
from chatflow.errors import AddressRefused, InDoubt, MediaUnavailable, Unavailable
from tests.contract.channels.channel_under_test import FILE
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.unit.chatflow.channels.whatsapp.examples import (
    ACCOUNT,
    FILE_HASH,
    MEDIA,
    MEDIA_HOST,
    MEDIA_URL,
    SECRET,
    answer,
    at_version,
    error,
)

pytestmark = pytest.mark.usefixtures("graph_version")

DEADLINE = 1_800_000_000_000
HASH = FILE_HASH.hexdigest()
OLD = f"https://{MEDIA_HOST}/whatsapp_business/attachments/?mid=1&ext=1&hash=old"
ODD: tuple[object, ...] = (None, 7.5, -1, [], {}, True, "odd", "x" * 20_000)  # in place of what nothing depends on
WITH_URL = replace(MEDIA, url=MEDIA_URL)


def _client(fetch: FakeFetch) -> Client:
    manifest = at_version()
    return Client(ACCOUNT, SECRET, fetch, manifest.hosts, manifest.api)


def _asked(fetch: FakeFetch) -> list[str]:
    return ["lookup" if request.path.endswith(MEDIA.id) else request.url for request in fetch.requests]


def _lookup(**more: Any) -> Reply:
    return Reply(200, json.dumps({"url": MEDIA_URL, "sha256": HASH, "file_size": len(FILE), **more}).encode())


def test_an_id_is_looked_up_and_the_address_fetched_with_the_token() -> None:
    fetch = FakeFetch(answer)
    with _client(fetch).open(MEDIA, DEADLINE) as file:
        assert (file.status, file.length, file.headers["content-type"]) == (200, len(FILE), "image/jpeg")
        assert (file.size, file.sha256, file.mime) == (len(FILE), HASH, "image/jpeg")
        assert b"".join(iter(lambda: file.read(100_000), b"")) == FILE
    lookup, download = fetch.requests
    assert lookup.url == f"{at_version().api}/{MEDIA.id}"
    assert download.url == MEDIA_URL
    assert all(request.headers["authorization"] == f"Bearer {SECRET['access_token']}" for request in fetch.requests)
    assert all(request.method == "GET" for request in fetch.requests)


def test_an_address_that_came_with_the_message_saves_the_lookup() -> None:
    fetch = FakeFetch(answer)
    with _client(fetch).open(WITH_URL, DEADLINE) as file:
        assert (file.size, file.sha256) == (len(FILE), HASH)
        assert not fetch.replies[0].closed
    assert fetch.replies[0].closed
    assert _asked(fetch) == [MEDIA_URL]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_address_that_is_no_longer_good_is_asked_for_again_once(status: int) -> None:
    fetch = FakeFetch(lambda request: Reply(status) if request.url == OLD else answer(request))
    with _client(fetch).open(replace(MEDIA, url=OLD), DEADLINE) as file:
        assert file.read(5) == FILE[:5]
        assert fetch.replies[0].closed
        assert not fetch.replies[-1].closed
    assert _asked(fetch) == [OLD, "lookup", MEDIA_URL]
    assert all(reply.closed for reply in fetch.replies)


def test_a_new_address_that_is_no_good_either_is_the_end() -> None:
    fetch = FakeFetch(lambda request: answer(request) if MEDIA_HOST not in request.url else Reply(404))
    with pytest.raises(MediaUnavailable), _client(fetch).open(WITH_URL, DEADLINE):
        pass
    assert _asked(fetch) == [MEDIA_URL, "lookup", MEDIA_URL]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/file",
        f"https://{MEDIA_HOST}.evil.example/file",
        f"https://evil.example/{MEDIA_HOST}",
        f"https://user@{MEDIA_HOST}/file",
        f"https://{MEDIA_HOST}@evil.example/file",
        f"http://{MEDIA_HOST}/file",
        f"//{MEDIA_HOST}/file",
        "https://[broken/file",
        "file:///etc/passwd",
        "https://127.0.0.1/file",
    ],
)
def test_an_address_elsewhere_never_gets_the_token(url: str) -> None:
    fetch = FakeFetch(answer)
    with _client(fetch).open(replace(MEDIA, url=url), DEADLINE) as file:
        assert file.read(5) == FILE[:5]
    assert _asked(fetch) == ["lookup", MEDIA_URL]

    told_so = FakeFetch(lambda _request: _lookup(url=url))
    with pytest.raises(MediaUnavailable), _client(told_so).open(MEDIA, DEADLINE):
        pass
    assert _asked(told_so) == ["lookup"]


@pytest.mark.parametrize(
    "lookup",
    [
        error(100, "no such object"),
        error(131052, "gone"),
        error(190, "token"),
        error(131016, "down"),
        Reply(503),
        Reply(200, b"<html>"),
        Reply(200, b"{}"),
        _lookup(url=7),
        Unavailable("refused"),
        InDoubt("no answer"),
    ],
    ids=str,
)
def test_a_lookup_that_fails_makes_the_file_unavailable(lookup: Reply | Exception) -> None:
    with pytest.raises(MediaUnavailable), _client(FakeFetch(lambda _request: lookup)).open(MEDIA, DEADLINE):
        pass


@pytest.mark.parametrize(
    "download",
    [Reply(500), Reply(503), Reply(206, b"part"), Reply(302), Unavailable("x"), InDoubt("x"), AddressRefused("x")],
    ids=str,
)
@pytest.mark.parametrize("media", [MEDIA, WITH_URL], ids=["by id", "by address"])
def test_a_download_that_fails_makes_the_file_unavailable(media: Any, download: Reply | Exception) -> None:
    fetch = FakeFetch(lambda request: download if MEDIA_HOST in request.url else answer(request))
    with pytest.raises(MediaUnavailable), _client(fetch).open(media, DEADLINE):
        pass


@pytest.mark.parametrize("fault", [InDoubt("cut"), Unavailable("late")])
def test_a_download_that_breaks_off_makes_the_file_unavailable(fault: Exception) -> None:
    broken = Reply(200, FILE[:1000], breaks=fault)
    fetch = FakeFetch(lambda request: broken if MEDIA_HOST in request.url else answer(request))
    with _client(fetch).open(MEDIA, DEADLINE) as file:
        assert file.read(1000) == FILE[:1000]
        with pytest.raises(MediaUnavailable):
            file.read(1000)
    assert broken.closed


def test_an_error_of_the_reader_stays_the_readers() -> None:
    fetch = FakeFetch(answer)
    with pytest.raises(Unavailable, match="the store is full"), _client(fetch).open(MEDIA, DEADLINE):
        raise Unavailable("the store is full")
    assert all(reply.closed for reply in fetch.replies)


@pytest.mark.parametrize(
    ("found", "size", "sha256"),
    [
        ({}, len(FILE), HASH),
        ({"file_size": str(len(FILE))}, len(FILE), HASH),
        ({"file_size": 0}, len(FILE), HASH),
        ({"sha256": HASH.upper()}, len(FILE), HASH),
        ({"sha256": None}, len(FILE), ""),
        ({"sha256": "odd"}, len(FILE), ""),
        *(({name: odd}, len(FILE), HASH) for name in ("file_size", "mime_type") for odd in ODD),
        *(({"sha256": odd}, len(FILE), "") for odd in ODD),
    ],
)
def test_what_a_lookup_announces(found: dict[str, Any], size: int, sha256: str) -> None:
    fetch = FakeFetch(lambda request: answer(request) if MEDIA_HOST in request.url else _lookup(**found))
    with _client(fetch).open(replace(MEDIA, sha256=""), DEADLINE) as file:
        assert (file.size, file.sha256) == (size, sha256)


def test_an_id_from_outside_cannot_change_the_path() -> None:
    fetch = FakeFetch(lambda request: Reply(404))
    with pytest.raises(MediaUnavailable), _client(fetch).open(replace(MEDIA, id="../me?fields="), DEADLINE):
        pass
    assert fetch.requests[0].url == f"{at_version().api}/..%2Fme%3Ffields%3D"


def test_the_error_of_a_lookup_shows_no_token() -> None:
    def echo(request: Request) -> Reply:
        return error(190, f"Malformed access token {request.headers['authorization'].removeprefix('Bearer ')}")

    with pytest.raises(MediaUnavailable) as caught, _client(FakeFetch(echo)).open(MEDIA, DEADLINE):
        pass
    assert SECRET["access_token"] not in f"{caught.value} {caught.value.__cause__}"
