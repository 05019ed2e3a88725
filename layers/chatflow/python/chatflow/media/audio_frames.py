"""Sound without a container, or in Ogg: told by several frames in a row, since any two bytes may look like one.

A stream of AAC, AMR or plain MP3 frames has no end of its own: cut short it is a shorter one, and is taken.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from chatflow.media.ranges import Read, Unfit, ending, exactly

_IN_A_ROW = 3
_AMR_IN_A_ROW = 40  # they are short, and nearly any byte may begin one
_PADDING = 4_096  # bytes of zeros that editors leave between a tag and the sound
_ADTS_RATES = 13
_MP3_KBIT = {  # by MPEG version 1 or 2 (2.5 is as 2), Layer III (ISO/IEC 11172-3, 13818-3)
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by the version's two bits
_AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)  # a frame of each type with its first byte (RFC 4867, 5.3)
_AMR_NOTHING = 15


def name(read: Read, size: int, first: bytes) -> str:
    """`opus`, `amr`, `aac` or `mp3`. `first` is how the file begins."""
    if first.startswith(b"OggS") and _is_opus(read, first):
        return "opus"
    if first.startswith(b"#!AMR\n") and _in_a_row(read, size, 6, _amr_length, _AMR_IN_A_ROW):
        return "amr"
    start = _start(read, size)
    if _in_a_row(read, size, start, _adts_length, _IN_A_ROW):
        return "aac"
    if _in_a_row(read, size, start, _mp3_length, _IN_A_ROW):
        return "mp3"
    raise Unfit("unknown_format", "nothing that is known here")


def whole_ogg(read: Read, size: int) -> None:
    """Raises Unfit when the last page of the stream runs past the end."""
    tail = ending(read, size)  # a page has at most 65,307 bytes (RFC 3533, 6)
    serial = exactly(read, 14, 4)
    at = tail.rfind(b"OggS\0")
    while at >= 0 and tail[at + 14 : at + 18] != serial:
        at = tail.rfind(b"OggS\0", 0, at)
    # A page of nothing is one too: some end a stream with it, when all of its sound is already written (RFC 3533, 6).
    body = at + 27 + tail[at + 26] if 0 <= at <= len(tail) - 27 else len(tail) + 1
    if body > len(tail) or body + sum(tail[at + 27 : body]) > len(tail):
        raise Unfit("truncated", "an Ogg file whose last page is not whole")


def whole_mp3(read: Read, size: int) -> None:
    """Raises Unfit when the first frame counts more bytes than there are; a file without that count is taken as it is.

    The count stands behind a frame's header and side information (Xing, LAME), or at a place of its own (VBRI).
    """
    start = _start(read, size)
    frame = read(start, 192)
    version, mono = frame[1] >> 3 & 3, frame[3] >> 6 == 3
    side = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    counted = 0
    if frame[4 + side : 8 + side] in (b"Xing", b"Info"):
        flags, *counts = struct.unpack_from(">III", frame, 8 + side)
        counted = counts[flags & 1] if flags & 2 else 0
    elif frame[36:40] == b"VBRI":
        (counted,) = struct.unpack_from(">I", frame, 46)
    if counted > size - start:
        raise Unfit("truncated", f"an MP3 of {counted} bytes of which {size - start} are here")


def _is_opus(read: Read, first: bytes) -> bool:
    """The first packet of the first page (RFC 7845, 5.1); Vorbis and pictures begin otherwise."""
    if len(first) < 27:
        raise Unfit("truncated", "an Ogg file of less than a page")
    first_page = first[4] == 0 and first[5] & 2
    return bool(first_page) and read(27 + first[26], 8) == b"OpusHead"


def _start(read: Read, size: int) -> int:
    """Where the sound begins: behind ID3v2 tags, whose length is four times seven bits, and behind zeros."""
    at = 0
    for _ in range(2):
        tag = read(at, 10)
        if len(tag) < 10 or not tag.startswith(b"ID3"):
            break
        a, b, c, d = tag[6:10]
        at += 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if tag[5] & 0x10 else 0)
        if max(a, b, c, d) > 127:
            raise Unfit("broken", "a tag without a length")
        if at >= size:
            raise Unfit("truncated", "a tag with nothing behind it")
    if at and read(at, 1) == b"\0":
        padding = read(at, _PADDING)
        at += len(padding) - len(padding.lstrip(b"\0"))
    return at


def _in_a_row(read: Read, size: int, start: int, length_of: Callable[[bytes], int], wanted: int) -> bool:
    """So many frames, each where the one before ends; fewer if the file ends exactly there, or after three."""
    at = start
    frames = 0
    while frames < wanted and at < size:
        length = length_of(read(at, 6))
        if not length:
            return False
        at += length
        frames += 1
    return frames > 0 if at <= size else frames > _IN_A_ROW


def _adts_length(header: bytes) -> int:
    """Bytes of an AAC frame, 0 if it is none (ISO/IEC 13818-7, 6.2)."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 >= _ADTS_RATES:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0


def _mp3_length(header: bytes) -> int:
    """Bytes of a Layer III frame, 0 if it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, hertz = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version not in _MP3_HERTZ or not 0 < rate < 15 or hertz == 3:
        return 0
    major = 1 if version == 3 else 2
    bits = _MP3_KBIT[major][rate - 1] * 1000
    return (144 if major == 1 else 72) * bits // _MP3_HERTZ[version][hertz] + (header[2] >> 1 & 1)


def _amr_length(header: bytes) -> int:
    """Bytes of an AMR frame, 0 if it is none."""
    if not header or header[0] & 0x83:
        return 0
    kind = header[0] >> 3 & 15
    return 1 if kind == _AMR_NOTHING else _AMR_BYTES[kind] if kind < len(_AMR_BYTES) else 0
