"""MP4: audio or video, by its tracks. The brand in the first box is wrong for recordings without pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from chatflow.media.ranges import InvalidFile, Read, read_exactly

_MAX_BOXES = 64  # in one box
_INDEX_AT_ONCE = 49_152  # bytes; a smaller index is read in one piece
_HANDLER_PATH = (b"trak", b"mdia", b"hdlr")  # ISO/IEC 14496-12, 8.4.3
_OTHER_BRANDS = (  # QuickTime, 3GP, pictures (HEIC, AVIF, Canon's)
    *(b"qt  ", b"3gp", b"3g2", b"3gr", b"3gs"),
    *(b"hei", b"hev", b"mif1", b"msf1", b"avif", b"avis", b"crx "),
)


def name(read: Read, size: int) -> str:
    """`mp4` when any track holds pictures, `m4a` when there is only audio. Raises InvalidFile."""
    if read_exactly(read, 8, 4).startswith(_OTHER_BRANDS):
        raise InvalidFile("unknown_format", "a format related to MP4")
    for kind, start, end in _boxes(read, 0, size):
        if kind == b"moov":
            tracks = _tracks(read, start, end)
            if tracks:
                return "mp4" if b"vide" in tracks else "m4a"
            raise InvalidFile("unknown_format", "an MP4 without pictures or sound")
    raise InvalidFile("truncated", "an MP4 without its index")


def check_whole(read: Read, size: int) -> None:
    """Raises InvalidFile when a box runs past the end. A fragmented video is checked up to its first fragment."""
    for kind, _, _ in _boxes(read, 0, size):
        if kind == b"moof":
            return


def _tracks(read: Read, start: int, end: int) -> set[bytes]:
    """The handler types of the tracks, of video and audio; reading stops at the first video track."""
    if end - start <= _INDEX_AT_ONCE:
        read_exactly(read, start, end - start)
    found = set()
    for handler in _handlers(read, start, end):
        found |= {handler} & {b"vide", b"soun"}
        if handler == b"vide":
            break
    return found


def _handlers(read: Read, start: int, end: int, path: tuple[bytes, ...] = _HANDLER_PATH) -> Iterator[bytes]:
    """The handler type of each track: `vide` for pictures, `soun` for audio."""
    if not path:
        if end - start < 12:
            raise InvalidFile("broken", "a track without a handler type")
        yield read_exactly(read, start + 8, 4)
        return
    for kind, inner, inner_end in _boxes(read, start, end, within=True):
        if kind == path[0]:
            yield from _handlers(read, inner, inner_end, path[1:])


def _boxes(read: Read, start: int, end: int, *, within: bool = False) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the content of each box. `within` another box, none may reach beyond that one."""
    at = start
    for _ in range(_MAX_BOXES):
        if end - at < 8:
            return
        length, kind = struct.unpack(">I4s", read_exactly(read, at, 8))
        if at and not within and not kind.strip().isalnum():  # not a box: phones write more data behind a video
            return
        header = 8
        if length == 1:
            header, (length,) = 16, struct.unpack(">Q", read_exactly(read, at + 8, 8))
        elif length == 0 and kind == b"mdat":  # up to the end: the form of a video that is still being recorded
            length = end - at
        if length > end - at and not within:
            raise InvalidFile("truncated", f"a box at {at} claims {length} bytes")
        if not header <= length <= end - at:
            raise InvalidFile("broken", f"a box at {at} claims {length} bytes")
        yield kind, at + header, at + length
        at += length
    raise InvalidFile("unreadable", "too many boxes")
