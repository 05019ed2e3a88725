"""The one way out, against real sockets: only the resolver is ours."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatflow.adapters.http.connections import DeadlineSocket
from chatflow.adapters.http.fetch import GuardedFetch, StreamedResponse
from chatflow.errors import AddressRefused, InDoubt, MediaUnavailable, Refused, Unavailable
from chatflow.streams import BLOCK
from tests.fakes.http_server import Answering, Request, Server, Wire, says, serving

PUBLIC = "93.184.215.14"
Resolver = dict[str, list[list[str]]]


def soon(seconds: float = 20.0) -> int:
    """A deadline, in milliseconds since the epoch."""
    return round((time.time() + seconds) * 1000)


@contextmanager
def answering(how: Answering) -> Iterator[StreamedResponse]:
    """The answer of a server that answers so."""
    with serving(how) as server, GuardedFetch(server.private).open("GET", server.url(), deadline=soon()) as answer:
        yield answer


def reach(server: Server, path: str = "/", method: str = "GET", **more: Any) -> tuple[int, bytes]:
    given = {"deadline": soon(), **more}
    with GuardedFetch(server.private).open(method, server.url(path), **given) as answer:
        return answer.status, answer.read()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """What each name resolves to, answer after answer; the last one stays. Names that are not in it do not exist."""
    table: Resolver = {}

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host not in table:
            raise socket.gaierror("no such name")
        answers = table[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield table


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; none of them answers."""
    tried: list[str] = []

    def connect(_: DeadlineSocket, address: Any) -> None:
        tried.append(str(address[0]))
        raise ConnectionRefusedError

    monkeypatch.setattr(DeadlineSocket, "connect", connect)
    return tried


# What may be reached


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        ["::ffff:10.0.0.1"],
        [PUBLIC, "10.0.0.1"],
        ["2606:4700::1111", PUBLIC, "::1"],
    ],
)
def test_a_name_of_which_any_address_is_internal_is_refused_before_connecting(
    addresses: list[str], resolver: Resolver, connects: list[str]
) -> None:
    resolver["claims.example.com"] = [addresses]
    with (
        pytest.raises(AddressRefused),
        GuardedFetch().open("GET", "https://claims.example.com/", deadline=soon()),
    ):
        pass
    assert connects == []


def test_what_was_vetted_is_what_is_connected_to_even_if_the_name_changes_its_mind(
    resolver: Resolver, connects: list[str]
) -> None:
    resolver["claims.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(Unavailable), GuardedFetch().open("GET", "https://claims.example.com/", deadline=soon()):
        pass
    assert connects == [PUBLIC]


def test_each_address_of_a_host_is_tried_in_turn(resolver: Resolver, connects: list[str]) -> None:
    resolver["claims.example.com"] = [["2606:4700::1111", PUBLIC]]
    with pytest.raises(Unavailable), GuardedFetch().open("GET", "https://claims.example.com/", deadline=soon()):
        pass
    assert connects == ["2606:4700::1111", PUBLIC]


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
def test_other_spellings_of_loopback_are_refused_as_the_system_itself_reads_them(
    host: str, connects: list[str]
) -> None:
    with pytest.raises(AddressRefused), GuardedFetch().open("GET", f"https://{host}/", deadline=soon()):
        pass
    assert connects == []


def test_only_the_hosts_that_a_call_names_are_reached() -> None:
    with serving(says(b"yes")) as server:
        assert reach(server, hosts=server.private) == (200, b"yes")
        with pytest.raises(AddressRefused):
            reach(server, hosts=frozenset({"graph.facebook.com"}))
    assert len(server.requests) == 1


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(says(b"direct")) as server:
        assert reach(server) == (200, b"direct")


# What is sent


def test_a_request_says_whom_it_is_for_and_asks_for_the_bytes_as_they_are() -> None:
    with serving(says()) as server:
        reach(server, "/a?b=c", headers={"Authorization": "Bearer t", "Accept-Encoding": "gzip", "Host": "evil"})
    [request] = server.requests
    assert (request.method, request.path) == ("GET", "/a?b=c")
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"] == "Bearer t"


def test_a_body_of_bytes_and_one_that_is_streamed_arrive_the_same() -> None:
    body = bytes(range(256)) * 3000
    with serving(says()) as server:
        reach(server, method="POST", body=body)
        reach(server, method="PUT", body=io.BytesIO(body), length=len(body))
    first, second = server.requests
    assert first.body == second.body == body
    assert first.headers["content-length"] == second.headers["content-length"] == str(len(body))
    assert "transfer-encoding" not in second.headers


def test_a_stream_is_read_in_large_blocks() -> None:
    asked: list[int] = []

    class Source(io.BytesIO):
        def read(self, amount: int | None = -1, /) -> bytes:
            asked.append(amount or 0)
            return super().read(amount)

    with serving(says()) as server:
        reach(server, method="POST", body=Source(bytes(BLOCK * 3)), length=BLOCK * 3)
    assert asked == [BLOCK] * 3


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nEvil: 1"}, {"X": "a\nb"}, {"X\r\nEvil": "1"}, {"X Y": "1"}, {"": "1"}, {"X": "a\0"}, {"X": "日本"}],
)
def test_a_header_that_would_break_its_line_is_refused_before_connecting(headers: dict[str, str]) -> None:
    with serving(says()) as server, pytest.raises(Refused):
        reach(server, headers=headers)
    assert server.connections == 0


def test_how_the_message_is_framed_is_not_the_callers_to_say() -> None:
    with serving(says()) as server:
        reach(server, method="POST", body=b"abc", headers={"Content-Length": "1", "Transfer-Encoding": "chunked"})
    assert server.requests[0].body == b"abc"
    assert "transfer-encoding" not in server.requests[0].headers


# What comes back


def test_an_answer_is_read_as_a_stream() -> None:
    body = bytes(BLOCK + 5)
    with answering(says(body, "201 Created", X_Thing="1")) as answer:
        assert (answer.status, answer.length, answer.headers["x-thing"]) == (201, len(body), "1")
        assert [len(answer.read(BLOCK)) for _ in range(3)] == [BLOCK, 5, 0]


def test_a_chunked_answer_has_no_length_and_all_its_bytes() -> None:
    def chunked(_: Request, wire: Wire) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    with answering(chunked) as answer:
        assert answer.length is None
        assert answer.read() == b"abcde"


def test_what_was_packed_unasked_is_unpacked() -> None:
    packed = gzip.compress(b"0123456789" * 1000)
    with answering(says(packed, Content_Encoding="gzip")) as answer:
        assert answer.length is None  # what is announced is the length on the wire
        assert answer.read(7) == b"0123456"
        assert answer.read() == (b"0123456789" * 1000)[7:]


def test_a_bomb_gives_no_more_bytes_than_were_asked_for_and_takes_no_more_memory() -> None:
    zeros = gzip.compress(bytes(50_000_000))
    bomb = gzip.compress(zeros)
    assert len(bomb) < 1000
    with answering(says(bomb, Content_Encoding="gzip, gzip")) as answer:
        tracemalloc.start()
        blocks = [answer.read(BLOCK) for _ in range(4)]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert [len(block) for block in blocks] == [BLOCK] * 4
    assert most < 8_000_000


def test_what_only_claims_to_be_packed_is_in_doubt() -> None:
    with answering(says(b"not gzip", Content_Encoding="gzip")) as answer, pytest.raises(InDoubt):
        answer.read(BLOCK)


def test_any_status_is_an_answer() -> None:
    with serving(says(b"no", "500 Internal Server Error")) as server:
        assert reach(server, method="POST") == (500, b"no")
    assert len(server.requests) == 1


def test_an_answer_that_comes_before_the_body_was_read_counts() -> None:
    with serving(says(b"too much", "413 Content Too Large"), reads_body=False) as server:
        body = bytes(30_000_000)
        assert reach(server, method="POST", body=io.BytesIO(body), length=len(body)) == (413, b"too much")


# What goes wrong


def test_a_name_that_does_not_exist_is_unavailable(resolver: Resolver) -> None:
    with pytest.raises(Unavailable), GuardedFetch().open("GET", "https://nowhere.example/", deadline=soon()):
        pass


def test_a_closed_port_is_unavailable() -> None:
    with serving(says()) as server:
        pass
    with pytest.raises(Unavailable):
        reach(server)


def test_a_deadline_in_the_past_is_unavailable_and_nothing_is_sent() -> None:
    with serving(says()) as server, pytest.raises(Unavailable):
        reach(server, deadline=soon(-1))
    assert server.requests == []


def test_a_name_server_that_takes_its_time_does_not_outlive_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over, answered = threading.Event(), threading.Event()

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        over.wait(5)
        answered.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(Unavailable), GuardedFetch().open("GET", "https://slow.example/", deadline=soon(0.2)):
        pass
    assert not answered.is_set()
    over.set()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Le", b"nonsense\r\n\r\n"])
def test_a_request_without_an_answer_is_in_doubt_and_not_repeated(answer: bytes) -> None:
    with serving(lambda _, wire: wire.send(answer)) as server, pytest.raises(InDoubt):
        reach(server, method="POST", body=b"pay")
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    ],
)
@pytest.mark.parametrize("amount", [-1, BLOCK, 2])
def test_a_body_that_is_cut_short_raises(answer: bytes, amount: int) -> None:
    with answering(lambda _, wire: wire.send(answer)) as response, pytest.raises(InDoubt):
        while response.read(amount):
            pass


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Padding: 1\r\n" * 90 + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 200 + b"0\r\n\r\n",
    ],
)
def test_a_server_that_sends_a_byte_now_and_then_does_not_outlive_the_deadline(answer: bytes) -> None:
    with serving(lambda _, wire: wire.drip(answer, every=0.01)) as server, pytest.raises(InDoubt):
        reach(server, deadline=soon(0.5))


def test_a_server_that_takes_its_time_does_not_outlive_the_deadline() -> None:
    def late(request: Request, wire: Wire) -> None:
        wire.stopped.wait(5)
        says(b"at last")(request, wire)

    with serving(late) as server, pytest.raises(InDoubt):
        reach(server, deadline=soon(0.3))


def test_a_server_that_reads_nothing_does_not_outlive_the_deadline() -> None:
    def reads_nothing(_: Request, wire: Wire) -> None:
        wire.stopped.wait(60)

    with serving(reads_nothing, reads_body=False) as server, pytest.raises(InDoubt):
        reach(server, method="POST", body=bytes(50_000_000), deadline=soon(0.5))


def test_a_source_that_ends_early_is_no_request() -> None:
    with serving(says()) as server:
        with pytest.raises(Unavailable):
            reach(server, method="POST", body=io.BytesIO(b"abc"), length=10)
        until = time.monotonic() + 20
        while not server.requests and time.monotonic() < until:  # it may not even have been accepted yet
            time.sleep(0.01)
    assert server.requests[0].body == b"abc"


def test_a_source_that_fails_says_so_itself() -> None:
    class Source:
        def read(self, amount: int = -1, /) -> bytes:
            raise MediaUnavailable("gone")

    with serving(says()) as server, pytest.raises(MediaUnavailable):
        reach(server, method="POST", body=Source(), length=10)


def test_what_the_caller_raises_while_it_reads_is_its_own() -> None:
    with pytest.raises(KeyError), answering(says(b"body")):
        raise KeyError("mine")


# Redirects


def test_a_redirect_is_an_answer_unless_it_may_be_followed() -> None:
    with serving(says(b"", "302 Found", Location="/b")) as server:
        assert reach(server)[0] == 302
        assert reach(server, redirects=2)[0] == 302  # the last one stands
    assert len(server.requests) == 1 + 3


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_get_follows_and_keeps_its_credentials_on_the_same_origin(status: str) -> None:
    def moving(request: Request, wire: Wire) -> None:
        (says(b"here") if request.path == "/b" else says(b"", status, Location="/b"))(request, wire)

    with serving(moving) as server:
        assert reach(server, "/a", redirects=1, headers={"Authorization": "Bearer t"}) == (200, b"here")
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer t", "Bearer t"]


def test_credentials_stay_behind_when_the_origin_changes() -> None:
    given = {"Authorization": "Bearer t", "Cookie": "a=b", "X-Api-Key": "k", "Accept": "image/*"}
    with serving(says(b"here")) as other, serving(says(b"", "302 Found", Location=other.url("/b"))) as server:
        fetch = GuardedFetch(server.private | other.private)
        with fetch.open("GET", server.url(), deadline=soon(), redirects=1, headers=given) as answer:
            assert answer.read() == b"here"
    [request] = other.requests
    assert request.headers["accept"] == "image/*"
    assert request.headers.keys() & {"authorization", "cookie", "x-api-key"} == set()


def test_a_redirect_to_an_internal_address_is_refused() -> None:
    for location in ("https://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "file:///etc/passwd"):
        with serving(says(b"", "302 Found", Location=location)) as server, pytest.raises(AddressRefused):
            reach(server, redirects=3)


def test_a_redirect_to_a_host_that_is_not_named_is_refused() -> None:
    with serving(says(b"secret")) as other, serving(says(b"", "302 Found", Location=other.url())) as server:
        fetch = GuardedFetch(server.private | other.private)
        only = fetch.open("GET", server.url(), deadline=soon(), redirects=1, hosts=server.private)
        with pytest.raises(AddressRefused), only:
            pass
    assert other.requests == []


def test_what_carries_a_body_is_never_sent_on() -> None:
    with serving(says(b"", "307 Temporary", Location="/b")) as server:
        assert reach(server, method="POST", body=b"x", redirects=3)[0] == 307
    assert len(server.requests) == 1
