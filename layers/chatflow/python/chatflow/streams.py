"""Streams that files pass through: one checks the announced length, one counts and hashes what is read.

Each has `read`, and `read_into` for what moves whole files: it fills a buffer that is used again and again, so that no
byte is copied between the socket that it comes from and the one that it goes to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chatflow.errors import TooLarge, Unavailable
from chatflow.nodes.ports import Readable

BLOCK = 256 * 1024  # bytes moved at once; urllib3's default of 16 KiB costs more than half of the speed
TAIL_BYTES = 66 * 1024  # retained at a file's end: no format needs more than this to be identified


def read_into(source: Readable, buffer: memoryview) -> int:
    """Read up to `len(buffer)` bytes of a source into the buffer; returns how many, 0 at the end."""
    return _reader(source)(buffer)


def _reader(source: Readable) -> Callable[[memoryview], int]:
    """`read_into` for this source, which streams look up once, and not for each block."""

    def copied(buffer: memoryview) -> int:
        block = source.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    return getattr(source, "read_into", copied)


def blocks(source: Readable, buffer: memoryview | None = None) -> Iterator[memoryview]:
    """The source in blocks of at most the buffer's length. Each is valid until the next one is taken."""
    buffer = memoryview(bytearray(BLOCK)) if buffer is None else buffer
    read = _reader(source)
    while got := read(buffer):
        yield buffer[:got]


class ExactLengthStream:
    """Reads exactly `length` bytes of a source. Raises Unavailable when the source ends earlier.

    `len` is the number of bytes left, and shrinks with each read: requests-toolbelt's MultipartEncoder reads a part
    until its `len` is 0. It would loop forever if `len` did not change, if there were a `__len__`, or if an early end
    were not reported.
    """

    def __init__(self, source: Readable, length: int) -> None:
        self._source = source
        self._read_into = _reader(source)
        self.len = length

    def read(self, amount: int = -1, /) -> bytes:
        wanted = self.len if amount < 0 else min(amount, self.len)
        block = self._source.read(wanted) if wanted else b""
        if wanted and not block:
            raise Unavailable(f"a stream ended {self.len} bytes early")
        self.len -= len(block)
        return block

    def read_into(self, buffer: memoryview, /) -> int:
        if len(buffer) > self.len:
            buffer = buffer[: self.len]
        got = self._read_into(buffer) if buffer else 0
        if buffer and not got:
            raise Unavailable(f"a stream ended {self.len} bytes early")
        self.len -= got
        return got


class ResumedStream:
    """What was read of a source before, the head, then the rest of the source."""

    def __init__(self, head: bytes, source: Readable) -> None:
        self._head = head
        self._source = source
        self._read_into = _reader(source)

    def read(self, amount: int = -1, /) -> bytes:
        if not self._head:
            return self._source.read(amount)
        block = self._head[:amount] if amount >= 0 else self._head
        self._head = self._head[len(block) :]
        return block

    def read_into(self, buffer: memoryview, /) -> int:
        if not self._head:
            return self._read_into(buffer)
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def read_head(source: Readable, length: int) -> bytes:
    """The first `length` bytes, or the whole of a shorter source."""
    head = source.read(length)
    while len(head) < length and (more := source.read(length - len(head))):
        head += more
    return head


@dataclass(frozen=True)
class StreamedFile:
    """A file that was written from a stream. `known` holds pieces of it by offset, so that they are not read again."""

    size: int  # bytes
    sha256: str  # lower-case hex
    known: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)


class HashingStream:
    """Counts and hashes a stream while it is read. Retains its first block and its end.

    Raises TooLarge once more than `limit` bytes were read. `ended` is true once the source was read to its end. With
    `length`, the bytes that the source has, only what is near the end is copied, rather than of each block.
    """

    def __init__(self, source: Readable, limit: int, length: int | None = None) -> None:
        self._source = source
        self._read_into = _reader(source)
        self._limit = limit
        self._tail_begins = 0 if length is None else length - TAIL_BYTES
        self._hash = hashlib.sha256()
        self._first = self._tail = b""
        self.size = 0
        self.ended = False

    def read(self, amount: int = -1, /) -> bytes:
        block = self._source.read(amount)
        self._pass(block)
        return block

    def read_into(self, buffer: memoryview, /) -> int:
        got = self._read_into(buffer)
        self._pass(buffer[:got])
        return got

    def _pass(self, block: bytes | memoryview) -> None:
        if not block:
            self.ended = True
            return
        self._hash.update(block)
        self._first = self._first or bytes(block)
        self.size += len(block)
        if self.size > self._tail_begins:
            self._tail = bytes(block[-TAIL_BYTES:]) if len(block) >= TAIL_BYTES else (self._tail + block)[-TAIL_BYTES:]
        if self.size > self._limit:
            raise TooLarge(f"a file of more than {self._limit} bytes")

    def result(self) -> StreamedFile:
        """What was read, once the stream has ended."""
        known = ((0, self._first), (self.size - len(self._tail), self._tail))
        return StreamedFile(self.size, self._hash.hexdigest(), known)
