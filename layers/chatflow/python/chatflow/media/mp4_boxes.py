"""MP4: audio or video? Its tracks say; the brand in its first box says it wrongly for a recording without pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from chatflow.media.ranges import Malformed, Read, exactly, over

_MOST = 4096  # boxes in one box
_HELD = 1_048_576  # bytes of a box that is read at once
_TRACK = (b"trak", b"mdia", b"hdlr")  # ISO/IEC 14496-12, 8.4.3
_OTHERS = (b"qt  ", b"3gp", b"3g2", b"3gr", b"3gs")  # QuickTime and 3GP look alike, and are not taken


def name(read: Read, size: int) -> str | None:
    """`mp4` when any track holds pictures, `m4a` when it only sounds."""
    if exactly(read, 8, 4).startswith(_OTHERS):
        return None
    for kind, start, end in _boxes(read, 0, size):
        if kind == b"moov":
            tracks = set(_handlers(_held(read, start, end), start, end))
            return "mp4" if b"vide" in tracks else "m4a" if b"soun" in tracks else None
    return None


def _handlers(read: Read, start: int, end: int, path: tuple[bytes, ...] = _TRACK) -> Iterator[bytes]:
    """The handler type of each track: what kind of thing it carries."""
    if not path:
        yield exactly(read, start + 8, 4)
        return
    for kind, inner, inner_end in _boxes(read, start, end):
        if kind == path[0]:
            yield from _handlers(read, inner, inner_end, path[1:])


def _boxes(read: Read, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of what each box holds."""
    at = start
    for _ in range(_MOST):
        if end - at < 8:
            return
        length, kind = struct.unpack(">I4s", exactly(read, at, 8))
        header = 8
        if length == 1:
            header, (length,) = 16, struct.unpack(">Q", exactly(read, at + 8, 8))
        elif length == 0:
            length = end - at
        if not header <= length <= end - at:
            raise Malformed(f"a box at {at} claims {length} bytes")
        yield kind, at + header, at + length
        at += length
    raise Malformed("too many boxes")


def _held(read: Read, start: int, end: int) -> Read:
    """One read instead of many, unless the box is too large to hold."""
    return read if end - start > _HELD else over(exactly(read, start, end - start), start)
