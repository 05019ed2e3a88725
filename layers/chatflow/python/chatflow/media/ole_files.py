"""OLE compound files: the Word, Excel or PowerPoint of before 2007, told by the streams in the root of the file.

Only the root says what it is: a Word document may hold an Excel table deeper down. Source: [MS-CFB], 2.2 to 2.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatflow.media.ranges import Read, Unfit, exactly

NAMES = frozenset({"doc", "xls", "ppt"})
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_ENCRYPTED = frozenset({"EncryptedPackage", "EncryptedSummary"})  # OOXML in a safe ([MS-OFFCRYPTO]); a safe PowerPoint
_MACROS = frozenset({"Macros", "_VBA_PROJECT_CUR", "VBA", "_VBA_PROJECT"})  # [MS-OVBA], 2.2
_LAST_SECTOR = 0xFFFFFFFA
_FREE = 0xFFFFFFFF
_ENTRY = 128
_IN_HEADER = 109  # tables that the header lists; what lists more is a chain of its own
_MOST_SECTORS = 256  # of a directory
_STORAGE, _STREAM, _ROOT = 1, 2, 5


@dataclass(frozen=True)
class _Item:
    """One entry of the directory: a stream, or a storage of others."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    sector: int
    size: int  # bytes


def name(read: Read, size: int) -> str:
    """`doc`, `xls` or `ppt`."""
    file = _File(read, size)
    items = file.directory()
    if any(item.name in _MACROS for item in items if item.kind in (_STORAGE, _STREAM)):
        raise Unfit("macros", "an old Office file with macros")
    streams = {item.name: item for item in _root_streams(items)}
    if streams.keys() & _ENCRYPTED:
        raise Unfit("encrypted", "an Office file under a password")
    found = {_STREAMS[each]: streams[each] for each in streams.keys() & _STREAMS.keys()}
    if len(found) != 1:
        raise Unfit("unknown_format", "an OLE file of none or several kinds")
    ((kind, stream),) = found.items()
    if _is_encrypted(kind, file.beginning(stream)):
        raise Unfit("encrypted", "an old Office file under a password")
    file.check_end()
    return kind


class _File:
    """The sectors of a compound file, and how they follow one another."""

    def __init__(self, read: Read, size: int) -> None:
        header = exactly(read, 0, 512)
        self._shift: int = header[30]
        if header[28:30] != b"\xfe\xff" or self._shift not in (9, 12) or header[31]:
            raise Unfit("broken", "not a compound file's header")
        self._read = read
        self._size = size
        self._each = 1 << self._shift
        self._numbers = self._each // 4  # that a sector of a table holds
        self._count: int = struct.unpack_from("<I", header, 44)[0]
        self._first: int = struct.unpack_from("<I", header, 48)[0]
        self._least: int = struct.unpack_from("<I", header, 56)[0]  # bytes; shorter streams lie elsewhere
        self._more: int = struct.unpack_from("<I", header, 68)[0]
        self._tables: list[int] = list(struct.unpack_from("<109I", header, 76))
        self._seen: set[int] = set()

    def directory(self) -> list[_Item]:
        """All entries."""
        numbers: list[int] = []
        number = self._first
        while number < _LAST_SECTOR:
            if len(numbers) == _MOST_SECTORS:
                raise Unfit("broken", "a directory without an end")
            numbers.append(number)
            number = self._after(number)
        data = b"".join(self._run(first, count) for first, count in _runs(numbers))
        return [_item(data[at : at + _ENTRY]) for at in range(0, len(data), _ENTRY)]

    def beginning(self, stream: _Item) -> bytes:
        """The first sector of a stream, nothing of a short one."""
        return self._run(stream.sector, 1) if stream.size >= self._least else b""

    def check_end(self) -> None:
        """Raises Unfit when the last sector in use lies beyond the end."""
        if not self._count:
            raise Unfit("broken", "no table of sectors")
        table = self._table(self._count - 1)
        used = [place for place, number in enumerate(table) if number != _FREE]
        last = (self._count - 1) * self._numbers + max(used, default=-1)
        if used and (last + 1) << self._shift >= self._size:
            raise Unfit("truncated", "an OLE file whose last sectors are missing")

    def _after(self, number: int) -> int:
        return self._table(number // self._numbers)[number % self._numbers]

    def _table(self, place: int) -> Sequence[int]:
        """One sector of the table that says which sector follows which."""
        while place >= len(self._tables):
            if self._more >= _LAST_SECTOR or self._more in self._seen:
                raise Unfit("broken", "a sector that no table lists")
            self._seen.add(self._more)
            *listed, self._more = struct.unpack(f"<{self._numbers}I", self._run(self._more, 1))
            self._tables += listed
        return struct.unpack(f"<{self._numbers}I", self._run(self._tables[place], 1))

    def _run(self, first: int, count: int) -> bytes:
        """Sectors that lie one behind the other; the last of a file may be shorter."""
        if first >= _LAST_SECTOR:
            raise Unfit("broken", "a sector that is none")
        at, length = (first + 1) << self._shift, count << self._shift
        if at >= self._size or at + length >= self._size + self._each:
            raise Unfit("truncated", "an OLE file that ends before what it lists")
        return self._read(at, length).ljust(length, b"\0")


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and count of the sectors that lie one behind the other, so that they are read at once."""
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


def _item(entry: bytes) -> _Item:
    length, kind, _, left, right, child = struct.unpack_from("<HBBIII", entry, 64)
    sector, size = struct.unpack_from("<II", entry, 116)  # the upper half of a size is not to be trusted (2.6.3)
    title = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
    return _Item(title, kind, left, right, child, sector, size)


def _root_streams(items: list[_Item]) -> Iterator[_Item]:
    """The streams that lie in the root: its children are a tree of siblings."""
    if not items or items[0].kind != _ROOT:
        raise Unfit("broken", "no root")
    ahead, seen = [items[0].child], set()
    while ahead:
        number = ahead.pop()
        if number == _FREE or number in seen:
            continue
        seen.add(number)
        if number >= len(items):
            raise Unfit("broken", "an entry that is not in the directory")
        if items[number].kind == _STREAM:
            yield items[number]
        ahead += [items[number].left, items[number].right]


def _is_encrypted(kind: str, beginning: bytes) -> bool:
    """A bit of Word's header ([MS-DOC], 2.5.2); a record near the beginning of Excel's ([MS-XLS], 2.4.117)."""
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
