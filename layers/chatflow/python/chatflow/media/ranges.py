"""How a file is looked at: by small ranges, so that it need not be held whole, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], bytes]  # (offset, length) -> bytes; fewer only at the end of the file


class Malformed(ValueError):
    """A file that breaks the rules of what it began as."""


def exactly(read: Read, offset: int, length: int) -> bytes:
    """These bytes and all of them. Raises Malformed when the file ends before."""
    found = read(offset, length)
    if len(found) != length:
        raise Malformed(f"the file ends within {length} bytes at {offset}")
    return found


def over(data: bytes, offset: int = 0) -> Read:
    """Read from bytes that lie at this offset of a file."""
    return lambda at, length: data[max(at - offset, 0) : max(at - offset + length, 0)]
