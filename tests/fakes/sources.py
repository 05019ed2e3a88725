"""Streams that misbehave, and a channel that hands out files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatflow.messages import IncomingMedia


class Source:
    """Yields `data` in blocks of at most `block`, then ends or raises. Counts its reads.

    `largest` is the largest number of bytes requested at once; a read of everything counts as 2^40.
    """

    def __init__(self, data: bytes, *, block: int = 1 << 30, then: Exception | None = None) -> None:
        self._left = memoryview(data)
        self._block = block
        self._then = then
        self.given = self.largest = 0

    def read(self, amount: int = -1, /) -> bytes:
        self.largest = max(self.largest, amount if amount >= 0 else 1 << 40)
        size = min(self._block, amount if amount >= 0 else len(self._left))
        block, self._left = bytes(self._left[:size]), self._left[size:]
        if not block and self._then and amount:
            raise self._then
        self.given += len(block)
        return block


@dataclass
class Download(Source):
    """A file as a channel's client opens it."""

    data: bytes
    length: int | None
    size: int
    sha256: str
    then: Exception | None = None

    def __post_init__(self) -> None:
        super().__init__(self.data, then=self.then)


@dataclass
class FakeChannel:
    """Returns its downloads in turn; an error among them is raised. The last one is repeated."""

    downloads: list[Download | Exception]
    opened: int = 0
    deadlines: list[int] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)  # of the messages; "" when only the id was left to ask for

    @contextmanager
    def open(self, media: IncomingMedia, deadline: int) -> Iterator[Download]:
        self.deadlines.append(deadline)
        self.urls.append(media.url)
        download = self.downloads[min(self.opened, len(self.downloads) - 1)]
        self.opened += 1
        if isinstance(download, Exception):
            raise download
        yield download
