"""OLE compound files: the Word, Excel or PowerPoint of before 2007, told by the streams in the root of the file.

Only the root counts: a Word document may hold an Excel table deeper down. Source: [MS-CFB], sections 2.2 to 2.6.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cache

from chatflow.media.ranges import Malformed, Read, exactly

_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_ENCRYPTED = "EncryptedPackage"
_LAST_SECTOR = 0xFFFFFFFA
_NO_ENTRY = 0xFFFFFFFF
_ENTRY = 128
_MOST_SECTORS = 2048  # of a directory or of the table of tables
_STREAM, _ROOT = 2, 5


def name(read: Read) -> str | None:
    """`doc`, `xls` or `ppt`."""
    header = exactly(read, 0, 512)
    shift = struct.unpack_from("<H", header, 30)[0]
    if header[28:30] != b"\xfe\xff" or shift not in (9, 12):
        raise Malformed("not a compound file's header")

    @cache
    def sector(number: int) -> bytes:
        if number >= _LAST_SECTOR:
            raise Malformed("a sector that is none")
        return exactly(read, (number + 1) << shift, 1 << shift)

    following = _chain(header, sector, (1 << shift) // 4)
    directory = b"".join(map(sector, following(struct.unpack_from("<I", header, 48)[0])))
    streams = set(_root_streams(directory))
    found = {_STREAMS[each] for each in streams & _STREAMS.keys()}
    return found.pop() if len(found) == 1 and _ENCRYPTED not in streams else None


def _chain(header: bytes, sector: Callable[[int], bytes], per_sector: int) -> Callable[[int], Iterator[int]]:
    """A function that follows a chain of sectors from its first."""

    @cache
    def tables() -> list[int]:
        known = [*struct.unpack_from("<109I", header, 76)]
        more = struct.unpack_from("<I", header, 68)[0]
        while more < _LAST_SECTOR and len(known) < _MOST_SECTORS:
            *listed, more = struct.unpack(f"<{per_sector}I", sector(more))
            known += listed
        return known

    def following(first: int) -> Iterator[int]:
        number = first
        for _ in range(_MOST_SECTORS):
            if number >= _LAST_SECTOR:
                return
            yield number
            table = sector(tables()[number // per_sector])
            number = struct.unpack_from("<I", table, number % per_sector * 4)[0]
        raise Malformed("a chain without an end")

    return following


def _root_streams(directory: bytes) -> Iterator[str]:
    """The names of the streams that lie in the root: its children are a tree of siblings."""
    if directory[66] != _ROOT:
        raise Malformed("no root")
    ahead, seen = [struct.unpack_from("<I", directory, 76)[0]], set()
    while ahead:
        number = ahead.pop()
        if number == _NO_ENTRY or number in seen:
            continue
        seen.add(number)
        entry = directory[number * _ENTRY : (number + 1) * _ENTRY]
        length, kind, _, left, right = struct.unpack_from("<HBBII", entry, 64)
        if kind == _STREAM:
            yield entry[: min(length, 64) - 2].decode("utf-16-le")
        ahead += [left, right]
