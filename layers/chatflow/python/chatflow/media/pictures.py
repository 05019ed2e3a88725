"""JPEG and PNG: as large as they may be, and whole. Nothing of the picture itself is decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from chatflow.media.ranges import Read, Unfit, ending, exactly

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 200_000_000  # the largest camera of a phone takes 199,756,800
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of a frame (ITU-T T.81, table B.1)
_SCAN = 0xDA
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MOST_SEGMENTS = 64
# A second picture or a short film behind the first, as its header announces: MPO, Google's and Samsung's.
_FOLLOWED = re.compile(rb"MPF\0|MotionPhoto|MicroVideo|GContainer|Container:Directory|hdrgm")
_SAMSUNG = b"SEFT"


def check_png(first: bytes) -> None:
    """Raises Unfit for a header that is none, or for too many pixels. `first` is how the file begins."""
    if len(first) < 33:
        raise Unfit("truncated", "a PNG of less than its header")
    length, kind, width, height = struct.unpack_from(">I4sII", first, 8)
    if (length, kind) != (13, b"IHDR") or not width or not height:
        raise Unfit("broken", "a PNG that does not begin with its header")
    _check_pixels(width, height)


def whole_png(read: Read, size: int) -> None:
    """Raises Unfit when the last chunk is not there."""
    if _PNG_END not in ending(read, size):
        raise Unfit("truncated", "a PNG without IEND")


def check_jpeg(read: Read, size: int) -> None:
    """Raises Unfit when no frame comes before the picture's data, or for too many pixels."""
    for marker, at, _ in _segments(read, size):
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", exactly(read, at + 1, 4))
            _check_pixels(width, height)
            return
    raise Unfit("truncated", "a JPEG without a frame")


def whole_jpeg(read: Read, size: int) -> None:
    """Raises Unfit when the end is missing: a mark that picture data itself cannot hold.

    A file that announces something behind the picture may end otherwise.
    """
    followed, data = False, 0
    for _, at, end in _segments(read, size):
        followed = followed or bool(_FOLLOWED.search(read(at, min(end - at, 4096))))
        data = end
    tail = ending(read, size)[-(size - data) :]  # phones write more behind a picture, but seldom that much
    if b"\xff\xd9" not in tail and not followed and not tail.endswith(_SAMSUNG):
        raise Unfit("truncated", "a JPEG without its end mark")


def _segments(read: Read, size: int) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of what each segment holds, the start of the first scan the last."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        mark, marker = exactly(read, at, 2)
        if mark != 0xFF:
            raise Unfit("broken", f"no marker of a JPEG at {at}")
        if marker == 0xFF or marker in _BARE:  # a filling byte, or a marker alone
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", exactly(read, at + 2, 2))
        if length < 2 or marker < 0xC0 or marker == 0xD9:
            raise Unfit("broken", f"no segment of a JPEG at {at}")
        if at + 2 + length > size:
            raise Unfit("truncated", "a JPEG that ends within its header")
        yield marker, at + 4, at + 2 + length
        if marker == _SCAN:
            return
        at += 2 + length
    raise Unfit("unreadable", "a JPEG of too many segments")


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Unfit("expands", f"a picture of {width} x {height} pixels")
