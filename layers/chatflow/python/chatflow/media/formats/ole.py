"""OLE compound files: Word, Excel and PowerPoint before 2007, identified by the streams in the root of the file.

Only the root counts: a Word document may hold an Excel table deeper down. Names are compared as the programs compare
them, without regard to case. Source: [MS-CFB], 2.2 to 2.6, for names 2.6.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatflow.media.ranges import InvalidFile, Read, read_exactly

NAMES = frozenset({"doc", "xls", "ppt"})
# All names in upper case, as those of entries are.
_STREAMS = {"WORDDOCUMENT": "doc", "WORKBOOK": "xls", "BOOK": "xls", "POWERPOINT DOCUMENT": "ppt"}
_ENCRYPTED = frozenset({"ENCRYPTEDPACKAGE", "ENCRYPTEDSUMMARY"})  # OOXML ([MS-OFFCRYPTO]); PowerPoint
_MACROS = frozenset({"MACROS", "_VBA_PROJECT_CUR", "VBA", "_VBA_PROJECT"})  # [MS-OVBA], 2.2
_PACKAGE = "\x01OLE10NATIVE"  # any file, which opens with its own program ([MS-OLEDS], 2.3.6)
_LAST_SECTOR = 0xFFFFFFFA  # sector numbers from here on are marks
_FREE = 0xFFFFFFFF
_ENTRY = 128  # bytes of a directory entry
_MAX_DIRECTORY_SECTORS = 256
_STORAGE, _STREAM, _ROOT = 1, 2, 5


@dataclass(frozen=True)
class _Entry:
    """One entry of the directory: a stream, or a storage that holds other entries."""

    name: str  # in upper case
    kind: int
    left: int
    right: int
    child: int
    sector: int
    size: int  # bytes


def name(read: Read, size: int) -> str:
    """`doc`, `xls` or `ppt`. Raises InvalidFile."""
    file = _File(read, size)
    items = file.directory()
    if any(item.name in _MACROS for item in items if item.kind in (_STORAGE, _STREAM)):
        raise InvalidFile("macros", "an old Office file with macros")
    streams = {item.name: item for item in _root_streams(items)}
    if streams.keys() & _ENCRYPTED:
        raise InvalidFile("encrypted", "an Office file protected by a password")
    found = {_STREAMS[each]: streams[each] for each in streams.keys() & _STREAMS.keys()}
    if len(found) != 1:
        raise InvalidFile("unknown_format", "an OLE file of no known format, or of several")
    ((kind, stream),) = found.items()
    if _is_encrypted(kind, file.beginning(stream)):
        raise InvalidFile("encrypted", "an old Office file protected by a password")
    file.check_end()
    return kind


def check_active_content(read: Read, size: int) -> None:
    """Raises InvalidFile when a package is embedded: a file of any kind, programs included."""
    if any(item.name == _PACKAGE for item in _File(read, size).directory() if item.kind == _STREAM):
        raise InvalidFile("active_content", "an old Office file with an embedded package")


class _File:
    """The sectors of a compound file, and their chains."""

    def __init__(self, read: Read, size: int) -> None:
        header = read_exactly(read, 0, 512)
        self._shift: int = header[30]
        if header[28:30] != b"\xfe\xff" or self._shift not in (9, 12) or header[31]:
            raise InvalidFile("broken", "not a compound file's header")
        self._read = read
        self._size = size
        self._sector_size = 1 << self._shift
        self._numbers_per_sector = self._sector_size // 4  # numbers that a sector of a table holds
        self._table_count: int = struct.unpack_from("<I", header, 44)[0]
        self._directory_start: int = struct.unpack_from("<I", header, 48)[0]
        self._min_stream: int = struct.unpack_from("<I", header, 56)[0]  # bytes; shorter streams lie elsewhere
        self._next_list: int = struct.unpack_from("<I", header, 68)[0]
        self._tables: list[int] = list(struct.unpack_from("<109I", header, 76))
        self._lists_read: set[int] = set()

    def directory(self) -> list[_Entry]:
        """All entries."""
        numbers: list[int] = []
        number = self._directory_start
        while number < _LAST_SECTOR:
            if len(numbers) == _MAX_DIRECTORY_SECTORS:
                raise InvalidFile("broken", "a directory that never ends")
            numbers.append(number)
            number = self._next_sector(number)
        data = b"".join(self._read_sectors(first, count) for first, count in _runs(numbers))
        return [_entry(data[at : at + _ENTRY]) for at in range(0, len(data), _ENTRY)]

    def beginning(self, stream: _Entry) -> bytes:
        """The first sector of a stream; empty for a short stream, which lies elsewhere."""
        return self._read_sectors(stream.sector, 1) if stream.size >= self._min_stream else b""

    def check_end(self) -> None:
        """Raises InvalidFile when the last sector in use lies beyond the end of the file."""
        if not self._table_count:
            raise InvalidFile("broken", "no table of sectors")
        table = self._table(self._table_count - 1)
        used = [place for place, number in enumerate(table) if number != _FREE]
        last = (self._table_count - 1) * self._numbers_per_sector + max(used, default=-1)
        if used and (last + 1) << self._shift >= self._size:
            raise InvalidFile("truncated", "an OLE file whose last sectors are missing")

    def _next_sector(self, number: int) -> int:
        return self._table(number // self._numbers_per_sector)[number % self._numbers_per_sector]

    def _table(self, place: int) -> Sequence[int]:
        """One sector of the allocation table: for each sector, the number of the next one in its chain."""
        while place >= len(self._tables):
            if self._next_list >= _LAST_SECTOR or self._next_list in self._lists_read:
                raise InvalidFile("broken", "a sector that no table lists")
            self._lists_read.add(self._next_list)
            *listed, self._next_list = struct.unpack(
                f"<{self._numbers_per_sector}I", self._read_sectors(self._next_list, 1)
            )
            self._tables += listed
        return struct.unpack(f"<{self._numbers_per_sector}I", self._read_sectors(self._tables[place], 1))

    def _read_sectors(self, first: int, count: int) -> bytes:
        """Consecutive sectors. The last sector of a file may be shorter."""
        if first >= _LAST_SECTOR:
            raise InvalidFile("broken", "an invalid sector number")
        at, length = (first + 1) << self._shift, count << self._shift
        if at >= self._size or at + length >= self._size + self._sector_size:
            raise InvalidFile("truncated", "an OLE file that ends before what it lists")
        return self._read(at, length).ljust(length, b"\0")


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and count of each run of consecutive sectors, so that a run is read at once."""
    first = count = 0
    for number in numbers:
        if count and number == first + count:
            count += 1
            continue
        if count:
            yield first, count
        first, count = number, 1
    if count:
        yield first, count


def _entry(entry: bytes) -> _Entry:
    length, kind, _, left, right, child = struct.unpack_from("<HBBIII", entry, 64)
    sector, size = struct.unpack_from("<II", entry, 116)  # the upper half of a size may be invalid (2.6.3)
    title = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace").upper()
    return _Entry(title, kind, left, right, child, sector, size)


def _root_streams(items: list[_Entry]) -> Iterator[_Entry]:
    """The streams in the root: its children form a tree of siblings."""
    if not items or items[0].kind != _ROOT:
        raise InvalidFile("broken", "no root")
    ahead, seen = [items[0].child], set()
    while ahead:
        number = ahead.pop()
        if number == _FREE or number in seen:
            continue
        seen.add(number)
        if number >= len(items):
            raise InvalidFile("broken", "an entry that is not in the directory")
        if items[number].kind == _STREAM:
            yield items[number]
        ahead += [items[number].left, items[number].right]


def _is_encrypted(kind: str, beginning: bytes) -> bool:
    """By a bit in Word's header ([MS-DOC], 2.5.2), or a record near the beginning of Excel's ([MS-XLS], 2.4.117)."""
    if kind == "doc":
        return bool(beginning) and bool(beginning[11] & 1)
    at = 0
    for _ in range(3 if kind == "xls" and beginning else 0):
        record, length = struct.unpack_from("<HH", beginning, at)
        if record == 0x2F:
            return True
        at += 4 + length
        if at + 4 > len(beginning):
            break
    return False
