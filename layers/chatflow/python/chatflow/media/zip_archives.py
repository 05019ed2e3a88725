"""Zip: a Word, Excel or PowerPoint file, a USDZ model, or something that we do not take.

Only the central directory and one small entry are read. Every size and place in them is a claim: it is bounded, and
held against the others, since a zip that contradicts itself is another file to each program that opens it.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from chatflow.media import zip64
from chatflow.media.ranges import Read, Unfit, ending, exactly

NAMES = frozenset({"docx", "xlsx", "pptx", "usdz"})
_END = struct.Struct("<4s4H2IH")  # end of central directory, 22 bytes, then a comment of up to 64 KiB
_END_MARK = b"PK\x05\x06"
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_NEAR = 16_384  # bytes at the end that are read first: hardly a zip has a comment
_DIRECTORY_LIMIT = 131_072  # bytes: some 1,600 entries
_PACKED_LIMIT = 32_768  # of the list of types; inflated:
_TYPES_LIMIT = 1_048_576
_MOST_UNPACKED = 33_554_432  # bytes in all that may be more than so many times the file:
_MOST_RATIO = 200
_TYPES = b"[Content_Types].xml"
_MAIN = re.compile(  # the type of the part that makes a file what it is
    rb"<(?:\w+:)?(?:Override|Default)\b[^<>]*\bContentType\s*=\s*[\"']"
    rb"application/vnd\.openxmlformats-officedocument\.([a-z.]+)\.main\+xml[\"']"
)
_OFFICE = {b"wordprocessingml.document": "docx", b"spreadsheetml.sheet": "xlsx", b"presentationml.presentation": "pptx"}
_MACROS = (b"macroenabled", b"vbaproject", b"macrosheet")  # a .docm is no .docx, whatever it is called
_STEPS_OUT = re.compile(rb"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\0")
_STAGES = (b".usd", b".usda", b".usdc")
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True)
class _Entry:
    name: bytes
    encrypted: bool
    method: int
    packed: int  # bytes in the file
    unpacked: int  # bytes, as it claims
    offset: int


def name(read: Read, size: int) -> str:
    """`docx`, `xlsx`, `pptx` or `usdz`."""
    entries, directory = _directory(read, size)
    if entries[0].offset != 0:
        raise Unfit("broken", "a zip whose first entry is not at its beginning")
    types = [entry for entry in entries if entry.name == _TYPES]
    if not types:
        return _model(read, entries)
    _check(entries, directory, size)
    return _office(_content(read, types[0]), entries)


def ends_in_one(read: Read, size: int) -> bool:
    """Whether a zip ends where this file ends, so that to some programs it is one."""
    tail = ending(read, size)
    at = tail.rfind(_END_MARK)
    return at >= 0 and at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _office(types: bytes, entries: list[_Entry]) -> str:
    if b"<!" in types.replace(b"<!--", b""):  # a DOCTYPE has no business here
        raise Unfit("broken", "declarations in the list of types")
    if any(macro in types.lower() or any(macro in entry.name.lower() for entry in entries) for macro in _MACROS):
        raise Unfit("macros", "an Office file with macros")
    found = {_OFFICE[main] for main in _MAIN.findall(types) if main in _OFFICE}
    if len(found) != 1:
        raise Unfit("unknown_format", "an Office file of none or several kinds")
    return found.pop()


def _model(read: Read, entries: list[_Entry]) -> str:
    """USDZ: a stage first, nothing compressed, data on 64-byte boundaries (USDZ specification, 'Layout')."""
    first = entries[0]
    if not first.name.lower().endswith(_STAGES):
        raise Unfit("unknown_format", "a zip of other things")
    if any(entry.method != _STORED or entry.encrypted for entry in entries):
        raise Unfit("encrypted" if any(entry.encrypted for entry in entries) else "broken", "a model that is packed")
    at = _data(read, first)
    if at % 64 or not exactly(read, at, min(8, first.packed)).startswith((b"#usda", b"PXR-USDC")):
        raise Unfit("broken", "a model whose stage is not in its place")
    return "usdz"


def _check(entries: list[_Entry], directory: int, size: int) -> None:
    """That the entries of an Office file lie beside one another, within, and do not grow beyond all measure."""
    if any(entry.encrypted for entry in entries):
        raise Unfit("encrypted", "entries under a password")
    unpacked = sum(entry.unpacked for entry in entries)
    if unpacked > max(_MOST_UNPACKED, _MOST_RATIO * size):
        raise Unfit("expands", f"{unpacked} bytes out of {size}")
    ends = [entry.offset + _LOCAL.size + len(entry.name) + entry.packed for entry in entries]
    following = [*(entry.offset for entry in entries[1:]), directory]
    if any(end > start for end, start in zip(ends, following, strict=True)):
        raise Unfit("broken", "entries that overlap")
    if len({entry.name for entry in entries}) < len(entries) or any(_STEPS_OUT.search(e.name) for e in entries):
        raise Unfit("broken", "names that lead elsewhere, or twice to the same place")


def _directory(read: Read, size: int) -> tuple[list[_Entry], int]:
    """All entries, in the order in which they lie in the file, and where the directory begins."""
    tail = ending(read, size, _NEAR)
    if _END_MARK not in tail:
        tail = ending(read, size)
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        raise Unfit("truncated", "a zip without its end")
    start = size - len(tail)
    _, disk, first_disk, here, count, length, offset, comment = _END.unpack_from(tail, at)
    behind = start + at
    if wide := zip64.end(tail[:at], start, (count, length, offset)):
        here = count = wide[0] if here == count else 0
        _, length, offset, behind = wide
    if at + _END.size + comment != len(tail) or offset + length != behind:
        raise Unfit("broken", "the end of a zip is not at its end")
    if disk or first_disk or here != count or not count:
        raise Unfit("broken", "a zip in parts, or an empty one")
    if length > _DIRECTORY_LIMIT:
        raise Unfit("unreadable", f"a zip with a directory of {length} bytes")
    return sorted(_entries(exactly(read, offset, length), count), key=lambda entry: entry.offset), offset


def _entries(directory: bytes, count: int) -> list[_Entry]:
    entries, place = [], 0
    for _ in range(count):
        fields = _ENTRY.unpack_from(directory, place)
        if fields[0] != b"PK\x01\x02":
            raise Unfit("broken", "not an entry of a zip's directory")
        after = place + _ENTRY.size
        behind = after + fields[10]
        extra = directory[behind : behind + fields[11]]
        unpacked, packed, offset = zip64.numbers((fields[9], fields[8], fields[16]), extra)
        entries.append(_Entry(directory[after:behind], bool(fields[3] & 1), fields[4], packed, unpacked, offset))
        place = after + sum(fields[10:13])
    if place != len(directory):  # most programs read on to its end, whatever count is given
        raise Unfit("broken", "a zip's directory holds more entries than are counted")
    return entries


def _data(read: Read, entry: _Entry) -> int:
    """Where the entry's data begins."""
    signature, *_, name_length, extra_length = _LOCAL.unpack(exactly(read, entry.offset, _LOCAL.size))
    at = entry.offset + _LOCAL.size
    if signature != b"PK\x03\x04" or exactly(read, at, name_length) != entry.name:
        raise Unfit("broken", "a zip's directory and its entry disagree")
    return at + int(name_length) + int(extra_length)


def _content(read: Read, entry: _Entry) -> bytes:
    if entry.packed > _PACKED_LIMIT or entry.method not in (_STORED, _DEFLATED):
        raise Unfit("unreadable", "a list of types that cannot be read")
    packed = exactly(read, _data(read, entry), entry.packed)
    if entry.method == _STORED:
        return packed
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    types = inflating.decompress(packed, _TYPES_LIMIT)
    if not inflating.eof:
        raise Unfit("expands" if inflating.unconsumed_tail else "broken", "a list of types without an end")
    return types
