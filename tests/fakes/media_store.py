"""The media store in memory, with the interface of `chatflow.adapters.s3.media_store.MediaStore`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatflow.errors import NotPublished, TooLarge
from chatflow.media.ranges import Read
from chatflow.nodes.ports import Readable
from chatflow.streams import BLOCK, ExactLengthStream, StreamedFile


@dataclass
class _Bytes:
    data: bytes
    store: MemoryStore
    at: int = 0

    def read(self, amount: int = -1, /) -> bytes:
        block = self.data[self.at :] if amount < 0 else self.data[self.at : self.at + amount]
        self.at += len(block)
        self.store.reads.append(len(block))
        return block


@dataclass
class MemoryStore:
    """`reads`: the sizes of all blocks read from opened files. `opened`: how many are open; `most_opened`: at once."""

    objects: dict[str, bytes] = field(default_factory=dict)
    clean: set[str] = field(default_factory=set)
    mimes: dict[str, str] = field(default_factory=dict)
    reads: list[int] = field(default_factory=list)
    opened: int = 0
    most_opened: int = 0

    def write(self, key: str, stream: Readable, length: int | None, mime: str, limit: int) -> StreamedFile:
        if length is not None and length > limit:
            raise TooLarge("too long")
        source = stream if length is None else ExactLengthStream(stream, length)
        data = b""
        while block := source.read(BLOCK):
            data += block
            if len(data) > limit:
                raise TooLarge("too long")
        self.objects[key], self.mimes[key] = data, mime
        return StreamedFile(len(data), hashlib.sha256(data).hexdigest())

    def mark_clean(self, key: str) -> None:
        self.clean.add(key)

    @contextmanager
    def open(self, key: str) -> Iterator[ExactLengthStream]:
        if key not in self.objects:
            raise NotPublished(key)
        self.opened += 1
        self.most_opened = max(self.most_opened, self.opened)
        data = self.objects[key]
        try:
            yield ExactLengthStream(_Bytes(data, self), len(data))
        finally:
            self.opened -= 1

    def reader(self, key: str, _known: tuple[tuple[int, bytes], ...] = ()) -> Read:
        return reader_of(self.objects[key])

    def delete(self, key: str) -> None:
        del self.objects[key]


def reader_of(data: bytes) -> Read:
    """Reads ranges of these bytes."""
    return lambda offset, length: data[max(offset, 0) : max(offset + length, 0)]
