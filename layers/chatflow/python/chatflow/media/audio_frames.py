"""Sound without a container, or in Ogg: told by several frames in a row, since any two bytes may look like one."""

from __future__ import annotations

from collections.abc import Callable

from chatflow.media.ranges import Read, exactly

_IN_A_ROW = 3
_ADTS_RATES = 13
_MP3_KBIT = {  # by MPEG version 1 or 2 (2.5 is as 2), Layer III (ISO/IEC 11172-3, 13818-3)
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by the version's two bits
_AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)  # a frame of each type with its first byte (RFC 4867, 5.3)
_AMR_NOTHING = 15


def name(read: Read, size: int, first: bytes) -> str | None:
    """`opus`, `amr`, `aac` or `mp3`. `first` is how the file begins."""
    if first.startswith(b"OggS"):
        return "opus" if _is_opus(read, first) else None
    if first.startswith(b"#!AMR\n"):
        return "amr" if _in_a_row(read, size, 6, _amr_length) else None
    start = _after_tag(first)
    if _in_a_row(read, size, start, _adts_length):
        return "aac"
    return "mp3" if _in_a_row(read, size, start, _mp3_length) else None


def _is_opus(read: Read, first: bytes) -> bool:
    """The first packet of the first page (RFC 7845, 5.1); Vorbis and pictures begin otherwise."""
    first_page = first[4] == 0 and first[5] & 2
    return bool(first_page) and exactly(read, 27 + first[26], 8) == b"OpusHead"


def _after_tag(first: bytes) -> int:
    """Where an ID3v2 tag ends: its length is four times seven bits."""
    if not first.startswith(b"ID3"):
        return 0
    a, b, c, d = first[6:10]
    footer = 10 if first[5] & 0x10 else 0
    return 10 + (a << 21 | b << 14 | c << 7 | d) + footer


def _in_a_row(read: Read, size: int, start: int, length_of: Callable[[bytes], int]) -> bool:
    """Three frames, each where the one before ends; fewer only if the file ends exactly there."""
    at = start
    for frame in range(_IN_A_ROW):
        if at == size:
            return frame > 0
        length = length_of(read(at, 6))
        if not length:
            return False
        at += length
    return at <= size


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
