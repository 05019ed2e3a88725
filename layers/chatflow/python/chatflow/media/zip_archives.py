"""Zip: a Word, Excel or PowerPoint file, a USDZ model, or something that we do not take.

Only the central directory and one small entry are read; every size in them is a claim and is bounded.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from chatflow.media.ranges import Malformed, Read, exactly

_END = struct.Struct("<4s4H2IH")  # end of central directory, 22 bytes, then a comment of up to 64 KiB
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_DIRECTORY_LIMIT = 1_048_576
_TYPES_LIMIT = 1_048_576
_TYPES = b"[Content_Types].xml"
_MAIN = b"application/vnd.openxmlformats-officedocument.%s.main+xml"
_OFFICE = {
    "docx": _MAIN % b"wordprocessingml.document",
    "xlsx": _MAIN % b"spreadsheetml.sheet",
    "pptx": _MAIN % b"presentationml.presentation",
}
_MACROS = (b"macroEnabled", b"vbaProject")  # a .docm is no .docx, whatever it is called
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True)
class _Entry:
    name: bytes
    encrypted: bool
    method: int
    packed: int
    offset: int


def name(read: Read, size: int) -> str | None:
    """`docx`, `xlsx`, `pptx` or `usdz`."""
    entries = _directory(read, size)
    if not entries or entries[0].offset != 0:
        return None
    types = [entry for entry in entries if entry.name == _TYPES]
    if len(types) == 1:
        return _office(_content(read, types[0]), entries)
    return "usdz" if _is_usdz(read, entries) else None


def _office(types: bytes, entries: list[_Entry]) -> str | None:
    if any(macro in types or any(macro in entry.name for entry in entries) for macro in _MACROS):
        return None
    found = [each for each, main in _OFFICE.items() if main in types]
    return found[0] if len(found) == 1 else None


def _is_usdz(read: Read, entries: list[_Entry]) -> bool:
    """A stage first, nothing compressed, data on 64-byte boundaries (USDZ specification, 'Layout')."""
    first = entries[0]
    if any(entry.method != _STORED or entry.encrypted for entry in entries) or not first.name.endswith(
        (b".usd", b".usda", b".usdc")
    ):
        return False
    at = _data(read, first)
    return at % 64 == 0 and exactly(read, at, min(8, first.packed)).startswith((b"#usda", b"PXR-USDC"))


def _directory(read: Read, size: int) -> list[_Entry]:
    """All entries, in the order in which they lie in the file."""
    start = max(0, size - _END.size - 0xFFFF)
    tail = exactly(read, start, size - start)
    at = tail.rfind(b"PK\x05\x06")
    _, disk, first_disk, here, count, length, offset, comment = _END.unpack_from(tail, max(at, 0))
    whole = at >= 0 and at + _END.size + comment == len(tail) and offset + length == start + at
    if not whole or disk or first_disk or here != count or length > _DIRECTORY_LIMIT:
        raise Malformed("no central directory at the end of the zip")
    directory, entries, place = exactly(read, offset, length), [], 0
    for _ in range(count):
        fields = _ENTRY.unpack_from(directory, place)
        if fields[0] != b"PK\x01\x02":
            raise Malformed("not an entry of a zip's directory")
        after = place + _ENTRY.size
        title = directory[after : after + fields[10]]
        entries.append(_Entry(title, bool(fields[3] & 1), fields[4], fields[8], fields[16]))
        place = after + sum(fields[10:13])
    return sorted(entries, key=lambda entry: entry.offset)


def _data(read: Read, entry: _Entry) -> int:
    """Where the entry's data begins."""
    signature, *_, name_length, extra_length = _LOCAL.unpack(exactly(read, entry.offset, _LOCAL.size))
    at = entry.offset + _LOCAL.size
    if signature != b"PK\x03\x04" or exactly(read, at, name_length) != entry.name:
        raise Malformed("a zip's directory and its entry disagree")
    return at + int(name_length) + int(extra_length)


def _content(read: Read, entry: _Entry) -> bytes:
    if entry.encrypted or entry.packed > _TYPES_LIMIT or entry.method not in (_STORED, _DEFLATED):
        raise Malformed("an entry that cannot be read")
    packed = exactly(read, _data(read, entry), entry.packed)
    if entry.method == _STORED:
        return packed
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, _TYPES_LIMIT)
