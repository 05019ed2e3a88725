"""MP4: audio or video? Its tracks say; the brand in its first box says it wrongly for a recording without pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from chatflow.media.ranges import Read, Unfit, exactly

_MOST = 64  # boxes in one box
_HELD = 49_152  # bytes of an index that is read at once
_TRACK = (b"trak", b"mdia", b"hdlr")  # ISO/IEC 14496-12, 8.4.3
_OTHERS = (  # that begin alike: QuickTime, 3GP, pictures (HEIC, AVIF, Canon's)
    *(b"qt  ", b"3gp", b"3g2", b"3gr", b"3gs"),
    *(b"hei", b"hev", b"mif1", b"msf1", b"avif", b"avis", b"crx "),
)


def name(read: Read, size: int) -> str:
    """`mp4` when any track holds pictures, `m4a` when it only sounds."""
    if exactly(read, 8, 4).startswith(_OTHERS):
        raise Unfit("unknown_format", "a relative of MP4")
    for kind, start, end in _boxes(read, 0, size):
        if kind == b"moov":
            tracks = _tracks(read, start, end)
            if tracks:
                return "mp4" if b"vide" in tracks else "m4a"
            raise Unfit("unknown_format", "an MP4 without pictures or sound")
    raise Unfit("truncated", "an MP4 without its index")


def whole(read: Read, size: int) -> None:
    """Raises Unfit when a box runs past the end. Of a film in fragments only the first few are seen."""
    for kind, _, _ in _boxes(read, 0, size):
        if kind == b"moof":
            return


def _tracks(read: Read, start: int, end: int) -> set[bytes]:
    """What the tracks carry: pictures, sound. Seen only until the first pictures."""
    if end - start <= _HELD:
        exactly(read, start, end - start)
    found = set()
    for handler in _handlers(read, start, end):
        found |= {handler} & {b"vide", b"soun"}
        if handler == b"vide":
            break
    return found


def _handlers(read: Read, start: int, end: int, path: tuple[bytes, ...] = _TRACK) -> Iterator[bytes]:
    """The handler type of each track: what kind of thing it carries."""
    if not path:
        if end - start < 12:
            raise Unfit("broken", "a track that does not say what it is")
        yield exactly(read, start + 8, 4)
        return
    for kind, inner, inner_end in _boxes(read, start, end, within=True):
        if kind == path[0]:
            yield from _handlers(read, inner, inner_end, path[1:])


def _boxes(read: Read, start: int, end: int, *, within: bool = False) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of what each box holds. `within` another box none may be longer than that one."""
    at = start
    for _ in range(_MOST):
        if end - at < 8:
            return
        length, kind = struct.unpack(">I4s", exactly(read, at, 8))
        if at and not within and not kind.strip().isalnum():  # not a box: phones write more behind a film
            return
        header = 8
        if length == 1:
            header, (length,) = 16, struct.unpack(">Q", exactly(read, at + 8, 8))
        elif length == 0 and kind == b"mdat":  # to the end, as a film is written that is still being shot
            length = end - at
        if length > end - at and not within:
            raise Unfit("truncated", f"a box at {at} claims {length} bytes")
        if not header <= length <= end - at:
            raise Unfit("broken", f"a box at {at} claims {length} bytes")
        yield kind, at + header, at + length
        at += length
    raise Unfit("unreadable", "too many boxes")
