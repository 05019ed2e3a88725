"""JPEG and PNG: whole, and not too large. The picture itself is not decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from chatflow.media.ranges import BudgetedReader, InvalidFile, Read, read_exactly, read_tail

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 200_000_000  # the largest camera of a phone has 199,756,800
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of a frame (ITU-T T.81, table B.1)
_SCAN = 0xDA
_CMYK = 4  # colours: pictures for print; YCCK counts too
_BITS = 8  # a colour, in nearly all pictures
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MAX_SEGMENTS = 1_024  # colours, previews and provenance take up to 64 KB each
# Headers that announce a second picture or a short video behind the first: MPO, Google's and Samsung's.
_ANNOUNCES_MORE = re.compile(rb"MPF\0|MotionPhoto|MicroVideo|GContainer|Container:Directory|hdrgm")
_SAMSUNG = b"SEFT"


def check_png(first: bytes) -> str:
    """The encoding of a PNG that few programs show: "16 bits a colour"; "" for all others.

    `first` are the first bytes of the file. Raises InvalidFile for an invalid header or too many pixels.
    """
    if len(first) < 33:
        raise InvalidFile("truncated", "a PNG of less than its header")
    length, kind, width, height = struct.unpack_from(">I4sII", first, 8)
    if (length, kind) != (13, b"IHDR") or not width or not height:
        raise InvalidFile("broken", "a PNG that does not begin with its header")
    _check_pixels(width, height)
    return f"{first[24]} bits a colour" if first[24] > _BITS else ""


def check_whole_png(read: Read, size: int) -> None:
    """Raises InvalidFile when the last chunk is missing."""
    if _PNG_END not in read_tail(read, size):
        raise InvalidFile("truncated", "a PNG without IEND")


def check_jpeg(read: BudgetedReader, size: int) -> str:
    """The encoding of a JPEG that few programs show: "CMYK", "12 bits a colour"; "" for all others.

    Raises InvalidFile when no frame precedes the picture's data, or for too many pixels.
    """
    for marker, at, _ in _segments(read.onwards, size):
        if marker in _FRAMES:
            bits, height, width, colours = struct.unpack(">BHHB", read_exactly(read.onwards, at, 6))
            _check_pixels(width, height)
            return "CMYK" if colours == _CMYK else f"{bits} bits a colour" if bits != _BITS else ""
    raise InvalidFile("truncated", "a JPEG without a frame")


def check_whole_jpeg(read: BudgetedReader, size: int) -> None:
    """Raises InvalidFile when the end mark is missing. Picture data itself cannot contain that mark.

    A file that announces more data behind the picture may end otherwise.
    """
    announces_more, data = False, 0
    for _, at, end in _segments(read.onwards, size):
        announces_more = announces_more or bool(_ANNOUNCES_MORE.search(read.onwards(at, min(end - at, 4096))))
        data = end
    tail = read_tail(read, size)[-(size - data) :]  # phones write more data behind a picture, but seldom that much
    if b"\xff\xd9" not in tail and not announces_more and not tail.endswith(_SAMSUNG):
        raise InvalidFile("truncated", "a JPEG without its end marker")


def _segments(read: Read, size: int) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of the content of each segment, up to the start of the first scan."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        mark, marker = read_exactly(read, at, 2)
        if mark != 0xFF:
            raise InvalidFile("broken", f"no marker of a JPEG at {at}")
        if marker == 0xFF or marker in _BARE:  # a fill byte, or a marker without a segment
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", read_exactly(read, at + 2, 2))
        if length < 2 or marker < 0xC0 or marker == 0xD9:
            raise InvalidFile("broken", f"no segment of a JPEG at {at}")
        if at + 2 + length > size:
            raise InvalidFile("truncated", "a JPEG that ends within its header")
        yield marker, at + 4, at + 2 + length
        if marker == _SCAN:
            return
        at += 2 + length
    raise InvalidFile("unreadable", "a JPEG of too many segments")


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InvalidFile("expands", f"a picture of {width} x {height} pixels")
