"""Zip archives: Word, Excel and PowerPoint files since 2007, and USDZ models.

Only the central directory and one small entry are read. Every size and offset in them is a claim: it is bounded and
compared with the others, since programs disagree about the content of a zip that contradicts itself.

Sources: APPNOTE.TXT, for Zip64 its sections 4.3.14, 4.3.15 and 4.5.3. Small files use Zip64 too: programs that write a
workbook as a stream (Apache POI among them) use it for every entry.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from chatflow.media.ranges import InvalidFile, Read, read_exactly, read_tail

NAMES = frozenset({"docx", "xlsx", "pptx", "usdz"})
_END = struct.Struct("<4s4H2IH")  # end of central directory, 22 bytes, then a comment of up to 64 KiB
_END_MARK = b"PK\x05\x06"
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_END_WITHOUT_COMMENT = 16_384  # bytes at the end that are read first: few zips have a comment
_DIRECTORY_LIMIT = 131_072  # bytes: some 1,600 entries
_PACKED_LIMIT = 32_768  # bytes of the list of content types, compressed
_TYPES_LIMIT = 1_048_576  # bytes of that list, decompressed
_MAX_RATIO = 200  # of decompressed to compressed size
_RATIO_FREE = 33_554_432  # bytes; up to this decompressed total, the ratio does not matter
_TYPES = b"[Content_Types].xml"
_MAIN = re.compile(  # the content type of the main part, which defines the format
    rb"<(?:\w+:)?(?:Override|Default)\b[^<>]*\bContentType\s*=\s*[\"']"
    rb"application/vnd\.openxmlformats-officedocument\.([a-z.]+)\.main\+xml[\"']"
)
_OFFICE = {b"wordprocessingml.document": "docx", b"spreadsheetml.sheet": "xlsx", b"presentationml.presentation": "pptx"}
_MACROS = (b"macroenabled", b"vbaproject", b"macrosheet")  # a .docm is not accepted under the name .docx either
_LEADS_OUTSIDE = re.compile(rb"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\0")
_STAGES = (b".usd", b".usda", b".usdc")
_STORED, _DEFLATED = 0, 8
_IN_ZIP64, _COUNT_IN_ZIP64 = 0xFFFFFFFF, 0xFFFF  # "see Zip64", in fields of 32 and of 16 bits
_ZIP64_END = struct.Struct("<4sQ2H2I4Q")
_ZIP64_LOCATOR = struct.Struct("<4sIQI")
_ZIP64_EXTRA = 1  # the kind of the extra field that holds an entry's 64-bit numbers


@dataclass(frozen=True)
class _Entry:
    name: bytes
    encrypted: bool
    method: int
    packed: int  # bytes in the file
    unpacked: int  # bytes, as the entry claims
    offset: int


def name(read: Read, size: int) -> str:
    """`docx`, `xlsx`, `pptx` or `usdz`. Raises InvalidFile."""
    entries, directory = _directory(read, size)
    if entries[0].offset != 0:
        raise InvalidFile("broken", "a zip whose first entry is not at its beginning")
    types = [entry for entry in entries if entry.name == _TYPES]
    if not types:
        return _check_usdz(read, entries)
    _check_entries(entries, directory, size)
    return _office_format(_content(read, types[0]), entries)


def ends_with_zip(read: Read, size: int) -> bool:
    """Whether a zip ends where this file ends, so that some programs open it as a zip."""
    tail = read_tail(read, size)
    at = tail.rfind(_END_MARK)
    return at >= 0 and at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _office_format(types: bytes, entries: list[_Entry]) -> str:
    if b"<!" in types.replace(b"<!--", b""):  # a DOCTYPE is not allowed here
        raise InvalidFile("broken", "declarations in the list of types")
    if any(macro in types.lower() or any(macro in entry.name.lower() for entry in entries) for macro in _MACROS):
        raise InvalidFile("macros", "an Office file with macros")
    found = {_OFFICE[main] for main in _MAIN.findall(types) if main in _OFFICE}
    if len(found) != 1:
        raise InvalidFile("unknown_format", "an Office file of no known format, or of several")
    return found.pop()


def _check_usdz(read: Read, entries: list[_Entry]) -> str:
    """USDZ: a stage first, nothing compressed, data on 64-byte boundaries (USDZ specification, 'Layout')."""
    first = entries[0]
    if not first.name.lower().endswith(_STAGES):
        raise InvalidFile("unknown_format", "a zip of another kind")
    if any(entry.method != _STORED or entry.encrypted for entry in entries):
        raise InvalidFile(
            "encrypted" if any(entry.encrypted for entry in entries) else "broken",
            "a USDZ with compressed or encrypted entries",
        )
    at = _data_offset(read, first)
    if at % 64 or not read_exactly(read, at, min(8, first.packed)).startswith((b"#usda", b"PXR-USDC")):
        raise InvalidFile("broken", "a USDZ whose stage is not in its place")
    return "usdz"


def _check_entries(entries: list[_Entry], directory: int, size: int) -> None:
    """Raises InvalidFile when entries of an Office file overlap, lead outside, are encrypted or expand too much."""
    if any(entry.encrypted for entry in entries):
        raise InvalidFile("encrypted", "entries protected by a password")
    unpacked = sum(entry.unpacked for entry in entries)
    if unpacked > max(_RATIO_FREE, _MAX_RATIO * size):
        raise InvalidFile("expands", f"{unpacked} bytes out of {size}")
    ends = [entry.offset + _LOCAL.size + len(entry.name) + entry.packed for entry in entries]
    following = [*(entry.offset for entry in entries[1:]), directory]
    if any(end > start for end, start in zip(ends, following, strict=True)):
        raise InvalidFile("broken", "entries that overlap")
    if len({entry.name for entry in entries}) < len(entries) or any(_LEADS_OUTSIDE.search(e.name) for e in entries):
        raise InvalidFile("broken", "entry names that lead outside, or are not unique")


def _directory(read: Read, size: int) -> tuple[list[_Entry], int]:
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
    if at + _END.size + comment != len(tail) or offset + length != behind:
        raise InvalidFile("broken", "the end of a zip is not at its end")
    if disk or first_disk or here != count or not count:
        raise InvalidFile("broken", "a zip in parts, or an empty one")
    if length > _DIRECTORY_LIMIT:
        raise InvalidFile("unreadable", f"a zip with a directory of {length} bytes")
    return sorted(_entries(read_exactly(read, offset, length), count), key=lambda entry: entry.offset), offset


def _entries(directory: bytes, count: int) -> list[_Entry]:
    entries, place = [], 0
    for _ in range(count):
        fields = _ENTRY.unpack_from(directory, place)
        if fields[0] != b"PK\x01\x02":
            raise InvalidFile("broken", "not an entry of a zip's directory")
        after = place + _ENTRY.size
        behind = after + fields[10]
        extra = directory[behind : behind + fields[11]]
        unpacked, packed, offset = _zip64_numbers((fields[9], fields[8], fields[16]), extra)
        entries.append(_Entry(directory[after:behind], bool(fields[3] & 1), fields[4], packed, unpacked, offset))
        place = after + sum(fields[10:13])
    if place != len(directory):  # most programs read the whole directory, whatever the count
        raise InvalidFile("broken", "a zip's directory holds more entries than are counted")
    return entries


def _data_offset(read: Read, entry: _Entry) -> int:
    """Offset of the entry's data."""
    signature, *_, name_length, extra_length = _LOCAL.unpack(read_exactly(read, entry.offset, _LOCAL.size))
    at = entry.offset + _LOCAL.size
    if signature != b"PK\x03\x04" or read_exactly(read, at, name_length) != entry.name:
        raise InvalidFile("broken", "a zip's directory and its entry disagree")
    return at + int(name_length) + int(extra_length)


def _content(read: Read, entry: _Entry) -> bytes:
    if entry.packed > _PACKED_LIMIT or entry.method not in (_STORED, _DEFLATED):
        raise InvalidFile("unreadable", "a list of types that cannot be read")
    packed = read_exactly(read, _data_offset(read, entry), entry.packed)
    if entry.method == _STORED:
        return packed
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    types = inflating.decompress(packed, _TYPES_LIMIT)
    if not inflating.eof:
        raise InvalidFile("expands" if inflating.unconsumed_tail else "broken", "a list of types without an end")
    return types


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
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64_EXTRA:
            count = min(length, len(extra) - at - 4) // 8
            return list(struct.unpack_from(f"<{count}Q", extra, at + 4))
        at += 4 + length
    return []
