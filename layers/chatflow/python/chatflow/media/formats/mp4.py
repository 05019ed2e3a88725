"""MP4: audio or video, by its tracks. The brand in the first box is wrong for recordings without pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from chatflow.media.ranges import InvalidFile, Read, read_exactly

_MAX_BOXES = 64  # in one box
_INDEX_AT_ONCE = 49_152  # bytes; a smaller index is read in one piece
_HANDLER_PATH = (b"trak", b"mdia", b"hdlr")  # ISO/IEC 14496-12, 8.4.3
_DESCRIPTIONS_PATH = (b"mdia", b"minf", b"stbl", b"stsd")
_DESCRIPTION = 4_096  # bytes of a sample description that are looked at
_DECODER = b"\x04"  # the tag of the descriptor that names an encoding
_USUAL = (b"avc1", b"avc2", b"avc3", b"avc4")  # H.264; AAC is told by its object type
_NAMES = {  # of other sample descriptions
    **dict.fromkeys((b"hvc1", b"hev1", b"hvc2", b"dvh1", b"dvhe"), "HEVC"),
    **dict.fromkeys((b"av01", b"dav1"), "AV1"),
    **dict.fromkeys((b"vvc1", b"vvi1"), "VVC"),
    **dict.fromkeys((b"vp08", b"vp09"), "VP9"),
    **dict.fromkeys((b"s263", b"h263"), "H.263"),
    **dict.fromkeys((b"samr", b"sawb"), "AMR"),
    **dict.fromkeys((b"jpeg", b"mjpa", b"mjpb", b"mjpg"), "Motion JPEG"),
    b"ac-3": "AC-3",
    b"ec-3": "E-AC-3",
    b"Opus": "Opus",
    b"fLaC": "FLAC",
    b"alac": "ALAC",
    b".mp3": "MP3",
}
_OBJECT_TYPES = {  # registered at mp4ra.org
    0x20: "MPEG-4 Part 2",
    **dict.fromkeys((0x21,), ""),  # H.264
    0x23: "HEVC",
    **dict.fromkeys((0x40, *range(0x66, 0x69)), ""),  # AAC
    **dict.fromkeys(range(0x60, 0x66), "MPEG-2 video"),
    **dict.fromkeys((0x69, 0x6B), "MP3"),
    0x6A: "MPEG-1 video",
    0x6C: "Motion JPEG",
    0xA5: "AC-3",
    0xA6: "E-AC-3",
    0xA9: "DTS",
    0xAD: "Opus",
    0xDD: "Vorbis",
}
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


def encoding(read: Read, size: int) -> str:
    """How its pictures and sound are encoded, as far as few programs show that: "HEVC", "AV1", "AC-3"; mostly "".

    A file whose tracks do not say counts as encoded in the usual way: that is no reason to refuse it.
    """
    try:
        for kind, start, end in _boxes(read, 0, size):
            if kind == b"moov":
                codings = [_coding(read, *track) for track in _found(read, start, end, (b"trak",))]
                return ", ".join(sorted({each for each in codings if each}))
    except InvalidFile:
        pass
    return ""


def _coding(read: Read, start: int, end: int) -> str:
    """The encoding of one track by its first sample description (ISO/IEC 14496-12, 8.5.2); "" for a usual one."""
    handlers = [read_exactly(read, at + 8, 4) for at, _ in _found(read, start, end, _HANDLER_PATH[1:])]
    if not handlers or handlers[0] not in (b"vide", b"soun"):
        return ""
    for at, until in _found(read, start, end, _DESCRIPTIONS_PATH):
        for name, inner, inner_end in _boxes(read, at + 8, until, within=True):
            if name in (b"encv", b"enca"):
                return "copy protection"
            if name in (b"mp4v", b"mp4a"):
                return _by_object_type(read, inner, inner_end, pictures=handlers[0] == b"vide")
            return "" if name in _USUAL else _NAMES.get(name, name.decode("latin-1").strip())
    return ""


def _by_object_type(read: Read, start: int, end: int, *, pictures: bool) -> str:
    """The encoding that the descriptor within a sample description names (ISO/IEC 14496-1, 7.2.6.6)."""
    data = read_exactly(read, start, min(end - start, _DESCRIPTION))
    at = data.find(_DECODER, data.find(b"esds") + 8) if b"esds" in data else -1
    while 0 <= at < len(data) - 1:
        length = at + 1
        while length < len(data) - 1 and data[length] & 0x80:  # a length has up to four bytes of seven bits
            length += 1
        kind = data[length + 1] if length + 1 < len(data) else 0
        if kind in _OBJECT_TYPES:
            return _OBJECT_TYPES[kind]
        at = data.find(_DECODER, at + 1)
    return "MPEG-4 Part 2" if pictures else ""


def _found(read: Read, start: int, end: int, path: tuple[bytes, ...]) -> Iterator[tuple[int, int]]:
    """Start and end of each box at this path."""
    if not path:
        yield start, end
        return
    for kind, inner, inner_end in _boxes(read, start, end, within=True):
        if kind == path[0]:
            yield from _found(read, inner, inner_end, path[1:])


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


def _handlers(read: Read, start: int, end: int) -> Iterator[bytes]:
    """The handler type of each track: `vide` for pictures, `soun` for audio."""
    for at, until in _found(read, start, end, _HANDLER_PATH):
        if until - at < 12:
            raise InvalidFile("broken", "a track without a handler type")
        yield read_exactly(read, at + 8, 4)


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
