"""Reads a file by a few small ranges, so that it need not be held whole, wherever it is stored.

Whatever a file claims about itself, examining it costs at most 8 reads and 256 KB: `BudgetedReader` enforces that. Two
kinds of file are also read onwards, a block at a time, because what matters may lie anywhere in them: the segments
before the picture of a JPEG, and the parts of an Office file. That costs at most `MAX_BLOCKS` reads more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Read = Callable[[int, int], bytes]  # (offset, length) -> bytes; fewer only at the end of the file

MAX_READS = 8
MAX_BYTES = 262_144
MAX_BLOCKS = 48  # of a file that is read onwards; each is held until the next is read
BLOCK = 1_048_576  # bytes
_SMALL = 65_536  # bytes; a file of at most this size is read whole, at once
_HEAD = 16_384
TAIL = 65_557  # bytes at the end that may matter: a zip's last record and the longest comment behind it
_READ_AHEAD = 8_192  # bytes that one read fetches at least: the next range is mostly near


class InvalidFile(ValueError):
    """A file that is never accepted. `reason` is one of `chatflow.media.REASONS`.

    It is falsy, so that the result of an identification may be tested by `if found`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason

    def __bool__(self) -> Literal[False]:
        return False


class BudgetedReader:
    """A `Read` of a file of `size` bytes that fetches nothing twice. Raises InvalidFile when the budget is exceeded.

    `failed` is true once the underlying reader raised: that says nothing about the file.
    """

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._size = size
        self._pieces: list[tuple[int, bytes]] = []
        self._left = MAX_BYTES
        self._block: tuple[int, bytes] = (0, b"")
        self._blocks_left = MAX_BLOCKS
        self.failed = False

    def __call__(self, offset: int, length: int) -> bytes:
        length = self._length(offset, length)
        held = self._held(offset, length)
        return self._fetch(offset, length)[:length] if held is None else held

    def onwards(self, offset: int, length: int) -> bytes:
        """The same bytes as a call, for a reader whose offsets mostly rise: costs a block, and no read of the budget.

        `length` is at most `BLOCK`. The first block ends where the beginning that `MAX_BYTES` allows does.
        """
        length = self._length(offset, length)
        held = self._held(offset, length)
        if held is not None:
            return held
        if not self._blocks_left:
            raise InvalidFile("unreadable", f"not examined within {MAX_BLOCKS} blocks")
        self._blocks_left -= 1
        amount = MAX_BYTES - offset if offset + length <= MAX_BYTES else BLOCK
        self._block = (offset, self._raw(offset, min(amount, self._size - offset)))
        return self._block[1][:length]

    def _length(self, offset: int, length: int) -> int:
        """As much of this length as the file has."""
        if offset < 0 or length < 0:
            raise InvalidFile("broken", "an offset before the beginning")
        return max(min(length, self._size - offset), 0)

    def _held(self, offset: int, length: int) -> bytes | None:
        if not length:
            return b""
        for start, piece in (*self._pieces, self._block):
            if start <= offset and offset + length <= start + len(piece):
                return piece[offset - start : offset - start + length]
        return None

    def _fetch(self, offset: int, length: int) -> bytes:
        least = (self._size if self._size <= _SMALL else _HEAD) if offset == 0 else _READ_AHEAD
        amount = min(max(length, least), self._size - offset)
        if amount > self._left >= length:
            amount = length
        if amount > self._left or len(self._pieces) == MAX_READS:
            raise InvalidFile("unreadable", f"not identified within {MAX_READS} reads and {MAX_BYTES} bytes")
        self._left -= amount
        piece = self._raw(offset, amount)
        self._pieces.append((offset, piece))
        return piece

    def _raw(self, offset: int, length: int) -> bytes:
        try:
            return self._read(offset, length)
        except BaseException:
            self.failed = True
            raise


def read_exactly(read: Read, offset: int, length: int) -> bytes:
    """Exactly these bytes. Raises InvalidFile when the file ends before."""
    data = read(offset, length)
    if len(data) != length:
        raise InvalidFile("truncated", f"the file ends within {length} bytes at {offset}")
    return data


def read_tail(read: Read, size: int, length: int = TAIL) -> bytes:
    """The last bytes of the file. All readers use the same default length, so that the tail is fetched once."""
    length = min(length, size)
    return read_exactly(read, size - length, length)
