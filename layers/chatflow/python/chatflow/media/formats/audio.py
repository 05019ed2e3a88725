"""Audio: AAC, AMR and MP3 frames without a container, and Opus in Ogg.

Several frames in a row identify a format, since any two bytes may look like the header of one. A stream of AAC, AMR or
plain MP3 frames has no end mark: cut short it is a shorter stream, and is accepted.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from chatflow.media.ranges import InvalidFile, Read, read_exactly, read_tail

_FRAMES_IN_A_ROW = 3
_AMR_FRAMES_IN_A_ROW = 40  # AMR frames are short, and nearly any byte may begin one
_MAX_TAGS = 5  # tags, and zeros between them
_MAX_PADDING = 32_768  # bytes of zeros that editors leave before the audio
_APE_HEADER = 32  # bytes
_ADTS_RATES = 13  # sampling rates that the standard defines
_MP3_KBIT = {  # by MPEG version 1 or 2 (2.5 is as 2), Layer III (ISO/IEC 11172-3, 13818-3)
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by the version's two bits
_AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)  # length of a frame of each type with its header (RFC 4867, 5.3)
_AMR_NO_DATA = 15


def name(read: Read, size: int, first: bytes) -> str:
    """`opus`, `amr`, `aac` or `mp3`. `first` are the first bytes of the file. Raises InvalidFile."""
    if first.startswith(b"OggS") and _is_opus(read, first):
        return "opus"
    if first.startswith(b"#!AMR\n") and _in_a_row(read, size, 6, _amr_length, _AMR_FRAMES_IN_A_ROW):
        return "amr"
    start = _audio_offset(read, size)
    if _in_a_row(read, size, start, _adts_length, _FRAMES_IN_A_ROW):
        return "aac"
    if _in_a_row(read, size, start, _mp3_length, _FRAMES_IN_A_ROW):
        return "mp3"
    raise InvalidFile("unknown_format", "no known format")


def check_whole_ogg(read: Read, size: int) -> None:
    """Raises InvalidFile when the last page of the stream runs past the end of the file."""
    tail = read_tail(read, size)  # a page has at most 65,307 bytes (RFC 3533, 6)
    serial = read_exactly(read, 14, 4)
    at = tail.rfind(b"OggS\0")
    while at >= 0 and tail[at + 14 : at + 18] != serial:
        at = tail.rfind(b"OggS\0", 0, at)
    # An empty page counts: some encoders end a stream with one, after all audio was written (RFC 3533, 6).
    body = at + 27 + tail[at + 26] if 0 <= at <= len(tail) - 27 else len(tail) + 1
    if body > len(tail) or body + sum(tail[at + 27 : body]) > len(tail):
        raise InvalidFile("truncated", "an Ogg file whose last page is not whole")


def check_whole_mp3(read: Read, size: int) -> None:
    """Raises InvalidFile when the first frame counts more bytes than the file has. Without a count, any length is fine.

    The count follows the frame's header and side information (Xing, LAME), or has a fixed offset (VBRI).
    """
    start = _audio_offset(read, size)
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
        raise InvalidFile("truncated", f"an MP3 of {counted} bytes of which {size - start} are present")


def _is_opus(read: Read, first: bytes) -> bool:
    """Whether the first packet of the first page is `OpusHead` (RFC 7845, 5.1); Vorbis has another one."""
    if len(first) < 27:
        raise InvalidFile("truncated", "an Ogg file of less than a page")
    first_page = first[4] == 0 and first[5] & 2
    return bool(first_page) and read(27 + first[26], 8) == b"OpusHead"


def _audio_offset(read: Read, size: int) -> int:
    """Offset of the audio: behind ID3v2 and APEv2 tags and zeros, in any order."""
    at = 0
    for _ in range(_MAX_TAGS):
        tag = read(at, _APE_HEADER)
        if tag.startswith(b"ID3") and len(tag) >= 10:
            at += _id3_length(tag)
        elif tag.startswith(b"APETAGEX") and len(tag) == _APE_HEADER:
            at += _APE_HEADER + int.from_bytes(tag[12:16], "little")  # which counts no header
        elif tag.startswith(b"\0"):
            padding = read(at, _MAX_PADDING)
            at += len(padding) - len(padding.lstrip(b"\0"))
        else:
            break
        if at >= size:
            raise InvalidFile("truncated" if tag[0] else "unknown_format", "nothing but a tag, or zeros")
    return at


def _id3_length(tag: bytes) -> int:
    """Length in bytes, which is written in four times seven bits."""
    a, b, c, d = tag[6:10]
    if max(a, b, c, d) > 127:
        raise InvalidFile("broken", "a tag without a length")
    return 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if tag[5] & 0x10 else 0)


def _in_a_row(read: Read, size: int, start: int, length_of: Callable[[bytes], int], wanted: int) -> bool:
    """Whether `wanted` frames follow one another. Fewer are enough if the file ends with a frame, or after three."""
    at = start
    frames = 0
    while frames < wanted and at < size:
        length = length_of(read(at, 6))
        if not length:
            return False
        at += length
        frames += 1
    return frames > 0 if at <= size else frames > _FRAMES_IN_A_ROW


def _adts_length(header: bytes) -> int:
    """Length of an AAC frame in bytes, 0 if it is none (ISO/IEC 13818-7, 6.2)."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 >= _ADTS_RATES:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0


def _mp3_length(header: bytes) -> int:
    """Length of a Layer III frame in bytes, 0 if it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, hertz = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version not in _MP3_HERTZ or not 0 < rate < 15 or hertz == 3:
        return 0
    major = 1 if version == 3 else 2
    bits = _MP3_KBIT[major][rate - 1] * 1000
    return (144 if major == 1 else 72) * bits // _MP3_HERTZ[version][hertz] + (header[2] >> 1 & 1)


def _amr_length(header: bytes) -> int:
    """Length of an AMR frame in bytes, 0 if it is none."""
    if not header or header[0] & 0x83:
        return 0
    kind = header[0] >> 3 & 15
    return 1 if kind == _AMR_NO_DATA else _AMR_BYTES[kind] if kind < len(_AMR_BYTES) else 0
