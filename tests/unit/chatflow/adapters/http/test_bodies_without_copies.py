"""Bodies that pass from one socket to another: the same bytes as read in any other way, in a buffer that is reused."""

from __future__ import annotations

import hashlib
import io
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests_toolbelt.multipart.encoder import MultipartEncoder
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import ProtocolError

from chatflow.adapters.http import multipart
from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.adapters.response_bodies import read_body_into
from chatflow.errors import InDoubt, Unavailable
from chatflow.streams import (
    BLOCK,
    TAIL_BYTES,
    ExactLengthStream,
    HashingStream,
    ResumedStream,
    blocks,
    read_into,
)
from tests.fakes.faulty_server import breaks_off
from tests.fakes.http_server import says, serving


class InPieces:
    """A source that gives less than it is asked for, as sockets do. `direct`: it has `read_into`."""

    def __init__(self, content: bytes, sizes: list[int], *, direct: bool) -> None:
        self._source = io.BytesIO(content)
        self._sizes = sizes
        self._reads = 0
        if direct:
            self.read_into = self._read_into

    def _most(self) -> int:
        self._reads += 1
        return self._sizes[self._reads % len(self._sizes)]

    def read(self, amount: int = -1, /) -> bytes:
        most = self._most()
        return self._source.read(most if amount < 0 else min(amount, most))

    def _read_into(self, buffer: memoryview, /) -> int:
        return self._source.readinto(buffer[: self._most()])


def content(length: int) -> bytes:
    return hashlib.sha256(str(length).encode()).digest() * (length // 32) + b"x" * (length % 32)


sizes = st.lists(st.sampled_from([1, 7, 1_000, 16_384, BLOCK]), min_size=1, max_size=3)
lengths = st.sampled_from([0, 1, 5, 15_000, 16_384, 66 * 1024, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 70_000])


@settings(max_examples=60, deadline=None)
@given(lengths, st.sampled_from([1_000, 16_384, BLOCK]), st.booleans(), st.integers(0, 300), st.booleans())
def test_every_stream_gives_the_same_bytes_by_read_and_into_a_buffer(
    length: int, piece: int, direct: bool, head: int, announced: bool
) -> None:
    whole = content(length)
    rest = ExactLengthStream(InPieces(whole[head:], [piece], direct=direct), len(whole[head:]))
    hashing = HashingStream(ResumedStream(whole[:head], rest), length, length if announced else None)
    assert b"".join(bytes(block) for block in blocks(hashing)) == whole
    found = hashing.result()
    assert (found.size, found.sha256, hashing.ended) == (length, hashlib.sha256(whole).hexdigest(), True)
    for offset, known in found.known:
        assert known == whole[offset : offset + len(known)]
    assert found.known[1][1].endswith(whole[-TAIL_BYTES:])


@pytest.mark.parametrize("direct", [True, False])
def test_a_buffer_is_used_for_every_block(direct: bool) -> None:
    seen = [block.obj for block in blocks(InPieces(content(3 * BLOCK), [BLOCK], direct=direct))]
    assert len(seen) == 3
    assert len({id(each) for each in seen}) == 1


def test_a_source_that_ends_early_is_reported_into_a_buffer_too() -> None:
    stream = ExactLengthStream(io.BytesIO(b"abc"), 6)
    buffer = memoryview(bytearray(10))
    assert read_into(stream, buffer) == 3
    with pytest.raises(Unavailable, match="3 bytes early"):
        read_into(stream, buffer)


texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text(st.sampled_from("ab \"'ä\\;"), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(names, st.one_of(texts, st.tuples(lengths, sizes))), min_size=1, max_size=5))
def test_a_multipart_body_is_what_the_encoder_of_requests_toolbelt_builds(fields: list[Any]) -> None:
    def encoder(*, direct: bool) -> Any:
        parts = []
        for name, value in fields:
            if isinstance(value, str):
                parts.append((name, value))
                continue
            length, pieces = value
            if length > 20_000:  # a byte at a time takes long
                pieces = [max(each, 1_000) for each in pieces]
            source = InPieces(content(length), pieces, direct=direct)
            parts.append((name, ("photo.jpg", ExactLengthStream(source, length), "image/jpeg")))
        return MultipartEncoder(parts, boundary="b")

    expected = encoder(direct=False)
    assert multipart.is_encoder(expected)
    whole = expected.to_string()
    given = list(map(bytes, multipart.pieces(encoder(direct=True))))
    assert b"".join(given) == whole
    assert all(given)
    assert len(whole) == encoder(direct=True).len


def test_a_part_that_ends_early_is_no_whole_body() -> None:
    class Short(InPieces):
        len = 10

    encoder = MultipartEncoder([("file", ("a", Short(b"abc", [3], direct=True), "image/jpeg"))])
    with pytest.raises(Unavailable, match="ended early"):
        list(multipart.pieces(encoder))


def fetched(server: Any, size: int = BLOCK) -> bytes:
    fetch = GuardedFetch(server.private)
    with fetch.open("GET", server.url(), deadline=round((time.time() + 20) * 1000)) as response:
        return b"".join(bytes(block) for block in blocks(response, memoryview(bytearray(size))))


@pytest.mark.parametrize("size", [1_000, BLOCK])
def test_an_answer_is_read_into_a_buffer(size: int) -> None:
    whole = content(3 * BLOCK + 5)
    with serving(says(whole)) as server:
        assert fetched(server, size) == whole


def test_an_answer_in_chunks_is_read_into_a_buffer() -> None:
    chunks = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    with serving(lambda _, wire: wire.send(answer)) as server:
        assert fetched(server) == b"hello world"


def test_a_compressed_answer_is_read_into_a_buffer_decompressed() -> None:
    import gzip

    with serving(says(gzip.compress(b"a" * 100_000), Content_Encoding="gzip")) as server:
        assert fetched(server, 1_000) == b"a" * 100_000


def test_an_answer_that_breaks_off_is_in_doubt() -> None:
    with serving(breaks_off(b"abc", 10)) as server, pytest.raises(InDoubt, match="broke off"):
        fetched(server)
    broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"
    with serving(lambda _, wire: wire.send(broken)) as server, pytest.raises(InDoubt, match="broke off"):
        fetched(server)


@pytest.mark.parametrize("size", [300, 1_000, BLOCK])
def test_a_connection_is_given_back_as_soon_as_its_answer_is_read(size: int) -> None:
    with serving(says(content(1_000))) as server:
        where = urlsplit(server.url())
        pool = HTTPConnectionPool(str(where.hostname), where.port)
        response = pool.urlopen("GET", where.path or "/", preload_content=False)
        left = 1_000
        while left:
            assert response.connection is not None
            left -= read_body_into(response, memoryview(bytearray(size)))
        assert response.connection is None
        assert read_body_into(response, memoryview(bytearray(size))) == 0


def test_a_connection_whose_answer_broke_off_is_given_to_nobody() -> None:
    with serving(breaks_off(b"abc", 10)) as server:
        where = urlsplit(server.url())
        pool = HTTPConnectionPool(str(where.hostname), where.port)
        response = pool.urlopen("GET", where.path or "/", preload_content=False)
        connection = response.connection
        with pytest.raises(ProtocolError):
            list(blocks(Reading(response)))
        assert connection is not None
        assert connection.sock is None


class Reading:
    def __init__(self, response: Any) -> None:
        self._response = response

    def read(self, amount: int = -1, /) -> bytes:
        raise NotImplementedError

    def read_into(self, buffer: memoryview, /) -> int:
        return read_body_into(self._response, buffer)
