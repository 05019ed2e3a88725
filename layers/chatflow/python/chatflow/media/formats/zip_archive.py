"""Zip archives: their directory and the content of their entries, for Office files since 2007 and USDZ models.

Every name, size and offset in a zip is a claim: it is bounded and compared with the others, since programs disagree
about the content of a zip that contradicts itself.

Sources: APPNOTE.TXT, for Zip64 its sections 4.3.14, 4.3.15 and 4.5.3. Small files use Zip64 too: programs that write a
workbook as a stream (Apache POI among them) use it for every entry.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from chatflow.media.ranges import InvalidFile, Read, read_exactly, read_tail

_END = struct.Struct("<4s4H2IH")  # end of central directory, 22 bytes, then a comment of up to 64 KiB
_END_MARK = b"PK\x05\x06"
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_END_WITHOUT_COMMENT = 16_384  # bytes at the end that are read first: few zips have a comment
_DIRECTORY_LIMIT = 131_072  # bytes: some 1,600 entries
_STEP = 65_536  # bytes that are decompressed at once, and compressed bytes that are taken for that
_MAX_RATIO = 200  # of decompressed to compressed size
_RATIO_FREE = 33_554_432  # bytes; up to this decompressed total, the ratio does not matter
_PADDING = b"\0\r\n"  # what mail gateways and file systems leave behind the end
_LEADS_OUTSIDE = re.compile(r"(^|/)\.\.(/|$)|^/|^[a-z]:|\0")  # in a canonical name
STORED, _DEFLATED = 0, 8
_IN_ZIP64, _COUNT_IN_ZIP64 = 0xFFFFFFFF, 0xFFFF  # "see Zip64", in fields of 32 and of 16 bits
_ZIP64_END = struct.Struct("<4sQ2H2I4Q")
_ZIP64_LOCATOR = struct.Struct("<4sIQI")
_ZIP64_EXTRA = 1  # the kind of the extra field that holds an entry's 64-bit numbers
_UNICODE_PATH = 0x7075  # the kind of the one that holds another form of its name (4.6.9)
_CODE_PAGES = ("utf-8", "cp437", "cp1252")  # in which a name may be written whose Unicode form stands beside it


@dataclass(frozen=True)
class Entry:
    """A file in a zip."""

    name: bytes
    encrypted: bool
    method: int
    packed: int  # bytes in the file
    unpacked: int  # bytes, as the entry claims
    offset: int

    @property
    def part(self) -> str:
        """The name as programs compare it: without regard to case, form of accents, encoding or kind of slash."""
        return canonical(self.name.decode("utf-8", "replace"))


def open_zip(read: Read, size: int) -> tuple[list[Entry], int]:
    """All entries, ordered by their offset in the file, and the offset of the directory. Raises InvalidFile."""
    entries, directory = _directory(read, size)
    if entries[0].offset != 0:
        raise InvalidFile("broken", "a zip whose first entry is not at its beginning")
    parts = {entry.part for entry in entries}
    if len(parts) < len(entries) or any(_LEADS_OUTSIDE.search(part) for part in parts):
        raise InvalidFile("broken", "entry names that lead outside, or are not unique")
    return entries, directory


def canonical(name: str) -> str:
    """The name of a part as programs compare it."""
    plain = unquote(name).replace("\\", "/").casefold()
    return unicodedata.normalize("NFC", plain)


def ends_with_zip(read: Read, size: int) -> bool:
    """Whether a zip ends where this file ends, so that some programs open it as a zip."""
    tail = read_tail(read, size)
    at = tail.rfind(_END_MARK)
    end = at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little")
    return at >= 0 and end <= len(tail) and not tail[end:].strip(_PADDING)


def check_entries(entries: list[Entry], directory: int, size: int) -> None:
    """Raises InvalidFile when entries overlap, are encrypted or expand too much. They are ordered by their offset."""
    if any(entry.encrypted for entry in entries):
        raise InvalidFile("encrypted", "entries protected by a password")
    unpacked = sum(entry.unpacked for entry in entries)
    if unpacked > max(_RATIO_FREE, _MAX_RATIO * size):
        raise InvalidFile("expands", f"{unpacked} bytes out of {size}")
    ends = [entry.offset + _LOCAL.size + len(entry.name) + entry.packed for entry in entries]
    following = [*(entry.offset for entry in entries[1:]), directory]
    if any(end > start for end, start in zip(ends, following, strict=True)):
        raise InvalidFile("broken", "entries that overlap")


def _directory(read: Read, size: int) -> tuple[list[Entry], int]:
    """All entries, ordered by their offset in the file, and the offset of the directory."""
    tail = read_tail(read, size, _END_WITHOUT_COMMENT)
    if _END_MARK not in tail:
        tail = read_tail(read, size)
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        raise InvalidFile("truncated", "a zip without its end")
    start = size - len(tail)
    _, disk, first_disk, here, count, length, offset, comment = _END.unpack_from(tail, at)
    behind = start + at
    if wide := _zip64_end(tail[:at], start, (count, length, offset)):
        here = count = wide[0] if here == count else 0
        _, length, offset, behind = wide
    end = at + _END.size + comment
    if end > len(tail) or tail[end:].strip(_PADDING) or offset + length != behind:
        raise InvalidFile("broken", "the end of a zip is not at its end")
    if disk or first_disk or here != count or not count:
        raise InvalidFile("broken", "a zip in parts, or an empty one")
    if length > _DIRECTORY_LIMIT:
        raise InvalidFile("unreadable", f"a zip with a directory of {length} bytes")
    return sorted(_entries(read_exactly(read, offset, length), count), key=lambda entry: entry.offset), offset


def _entries(directory: bytes, count: int) -> list[Entry]:
    entries, place = [], 0
    for _ in range(count):
        fields = _ENTRY.unpack_from(directory, place)
        if fields[0] != b"PK\x01\x02":
            raise InvalidFile("broken", "not an entry of a zip's directory")
        after = place + _ENTRY.size
        behind = after + fields[10]
        extra = directory[behind : behind + fields[11]]
        _check_unicode_path(directory[after:behind], extra)
        unpacked, packed, offset = _zip64_numbers((fields[9], fields[8], fields[16]), extra)
        entries.append(Entry(directory[after:behind], bool(fields[3] & 1), fields[4], packed, unpacked, offset))
        place = after + sum(fields[10:13])
    if place != len(directory):  # most programs read the whole directory, whatever the count
        raise InvalidFile("broken", "a zip's directory holds more entries than are counted")
    return entries


def data_offset(read: Read, entry: Entry) -> int:
    """Offset of the entry's data."""
    signature, *_, name_length, extra_length = _LOCAL.unpack(read_exactly(read, entry.offset, _LOCAL.size))
    at = entry.offset + _LOCAL.size
    if signature != b"PK\x03\x04" or read_exactly(read, at, name_length) != entry.name:
        raise InvalidFile("broken", "a zip's directory and its entry disagree")
    _check_unicode_path(entry.name, read_exactly(read, at + name_length, extra_length))
    return at + int(name_length) + int(extra_length)


def content(read: Read, entry: Entry, packed_limit: int, limit: int) -> bytes:
    """The whole content of a small entry. Raises InvalidFile when it has more than so many bytes."""
    if entry.packed > packed_limit:
        raise InvalidFile("unreadable", f"a part of {entry.packed} bytes that must be small")
    found = bytearray()
    for piece in stream(read, entry):
        found += piece
        if len(found) > limit:
            raise InvalidFile("expands", f"a part of more than {limit} bytes that must be small")
    return bytes(found)


def stream(read: Read, entry: Entry) -> Iterator[bytes]:
    """The content of an entry, decompressed in pieces of at most 64 KB. Raises InvalidFile."""
    if entry.method not in (STORED, _DEFLATED):
        raise InvalidFile("unreadable", f"a part that is compressed by method {entry.method}")
    at = data_offset(read, entry)
    end = at + entry.packed
    inflating = None if entry.method == STORED else zlib.decompressobj(-zlib.MAX_WBITS)
    while at < end:
        packed = read_exactly(read, at, min(_STEP, end - at))
        at += len(packed)
        while packed:
            yield inflating.decompress(packed, _STEP) if inflating else packed
            packed = inflating.unconsumed_tail if inflating else b""
        if inflating and inflating.eof:
            return
    if inflating and not inflating.eof:
        rest = inflating.flush()  # of at most one window: everything else was given out
        if rest:
            yield rest
        if not inflating.eof:
            raise InvalidFile("broken", "a part without an end")


def _check_unicode_path(name: bytes, extra: bytes) -> None:
    """Raises InvalidFile when an extra field gives an entry another name, which some programs prefer."""
    for kind, data in _extra_fields(extra):
        if kind == _UNICODE_PATH:
            wanted = canonical(data[5:].decode("utf-8", "replace"))
            if wanted not in {canonical(name.decode(each, "replace")) for each in _CODE_PAGES}:
                raise InvalidFile("broken", "an entry with two names")


def _zip64_end(before: bytes, start: int, narrow: tuple[int, int, int]) -> tuple[int, int, int, int] | None:
    """Count of entries, length and offset of the directory, and where it ends; None for a zip without Zip64.

    `before` are the bytes in front of the plain end record, `start` their offset in the file, `narrow` the numbers of
    that record. Raises InvalidFile when the two records contradict one another.
    """
    at = len(before) - _ZIP64_LOCATOR.size
    if at < 0 or before[at : at + 4] != b"PK\x06\x07":
        return None
    _, disk, place, disks = _ZIP64_LOCATOR.unpack_from(before, at)
    if disk or disks > 1 or not 0 <= place - start <= at - _ZIP64_END.size:
        raise InvalidFile("broken", "a Zip64 end record outside its place")
    mark, size, _, _, disk, first_disk, here, count, length, offset = _ZIP64_END.unpack_from(before, place - start)
    if mark != b"PK\x06\x06" or disk or first_disk or here != count or place + 12 + size != start + at:
        raise InvalidFile("broken", "an invalid Zip64 end record")
    sentinels = (_COUNT_IN_ZIP64, _IN_ZIP64, _IN_ZIP64)
    for plain, wide, sentinel in zip(narrow, (count, length, offset), sentinels, strict=True):
        if plain not in (wide, sentinel):
            raise InvalidFile("broken", "a zip with two end records that disagree")
    return count, length, offset, place


def _zip64_numbers(narrow: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """An entry's unpacked size, packed size and offset, each from its extra field if it stands there."""
    if _IN_ZIP64 not in narrow:
        return narrow
    wide = _zip64_extra(extra)
    numbers = [wide.pop(0) if each == _IN_ZIP64 and wide else each for each in narrow]
    if _IN_ZIP64 in numbers:
        raise InvalidFile("broken", "an entry of a zip without its sizes")
    return numbers[0], numbers[1], numbers[2]


def _zip64_extra(extra: bytes) -> list[int]:
    for kind, data in _extra_fields(extra):
        if kind == _ZIP64_EXTRA:
            count = len(data) // 8
            return list(struct.unpack_from(f"<{count}Q", data))
    return []


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length
