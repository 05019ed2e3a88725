"""How a file is looked at: by a few small ranges, so that it need not be held whole, wherever it lies.

Whatever a file claims of itself, looking at it costs no more than this: `Sparing` is where that is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Read = Callable[[int, int], bytes]  # (offset, length) -> bytes; fewer only at the end of the file

MOST_READS = 8
MOST_BYTES = 262_144
_SMALL = 65_536  # a file of so many bytes is read whole, at once
_HEAD = 16_384
TAIL = 65_557  # bytes at the end that may have to be seen: a zip's last record and the longest comment behind it
_AHEAD = 8_192  # bytes that one read fetches at least: what is asked for next mostly lies near


class Unfit(ValueError):
    """No file that we take, whoever asks for it. `reason` is one of `chatflow.media.REASONS`.

    False where truth is asked for, so that what was found may be tested by `if found`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason

    def __bool__(self) -> Literal[False]:
        return False


class Sparing:
    """A `Read` of a file of `size` bytes that fetches nothing twice. Raises Unfit when looking costs too much.

    `failed` tells whether the reader beneath raised: that says nothing about the file.
    """

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._size = size
        self._pieces: list[tuple[int, bytes]] = []
        self._left = MOST_BYTES
        self.failed = False

    def __call__(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0:
            raise Unfit("broken", "a place before the beginning")
        length = min(length, self._size - offset)
        if length <= 0:
            return b""
        for start, piece in self._pieces:
            if start <= offset and offset + length <= start + len(piece):
                return piece[offset - start : offset - start + length]
        return self._fetched(offset, length)[:length]

    def _fetched(self, offset: int, length: int) -> bytes:
        least = (self._size if self._size <= _SMALL else _HEAD) if offset == 0 else _AHEAD
        amount = min(max(length, least), self._size - offset)
        if amount > self._left >= length:
            amount = length
        if amount > self._left or len(self._pieces) == MOST_READS:
            raise Unfit("unreadable", f"not told by {MOST_READS} reads and {MOST_BYTES} bytes")
        self._left -= amount
        try:
            piece = self._read(offset, amount)
        except BaseException:
            self.failed = True
            raise
        self._pieces.append((offset, piece))
        return piece


def exactly(read: Read, offset: int, length: int) -> bytes:
    """These bytes and all of them. Raises Unfit when the file ends before."""
    found = read(offset, length)
    if len(found) != length:
        raise Unfit("truncated", f"the file ends within {length} bytes at {offset}")
    return found


def ending(read: Read, size: int, length: int = TAIL) -> bytes:
    """The last bytes of the file. All who look that far ask for as many, so that they are fetched once."""
    length = min(length, size)
    return exactly(read, size - length, length)


def over(data: bytes, offset: int = 0) -> Read:
    """Read from bytes that lie at this offset of a file."""
    return lambda at, length: data[max(at - offset, 0) : max(at - offset + length, 0)]
