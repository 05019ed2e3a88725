"""What is learned of a file while it passes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from chatflow.errors import TooLarge
from chatflow.nodes.ports import Readable

AHEAD = 66 * 1024  # bytes: formats are told by their beginning, and by no more than this at their end


@dataclass(frozen=True)
class Stored:
    """What was written. `known` are pieces of it, by offset, that were kept so as not to read them again."""

    size: int  # bytes
    sha256: str  # lower-case hex
    known: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)


class Passing:
    """A stream that is counted and hashed as it passes. Keeps its first block and the last two."""

    def __init__(self, source: Readable, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._hash = hashlib.sha256()
        self._first = self._before = self._last = b""
        self.size = 0
        self.ended = False

    def read(self, amount: int = -1, /) -> bytes:
        block = self._source.read(amount)
        if not block:
            self.ended = True
            return block
        self._hash.update(block)
        self._first = self._first or block
        self._before, self._last = self._last, block
        self.size += len(block)
        if self.size > self._limit:
            raise TooLarge(f"a file of more than {self._limit} bytes")
        return block

    def stored(self) -> Stored:
        end = self._before[-AHEAD:] + self._last
        return Stored(self.size, self._hash.hexdigest(), ((0, self._first), (self.size - len(end), end)))
