"""Writes OLE compound files, as small as the rules allow ([MS-CFB], version 3)."""

from __future__ import annotations

import random
import struct
from functools import cache

SECTOR = 512
IN_HEADER = 109  # tables that the header itself lists; a further list holds 127 and the place of the next
FREE, END, TABLE, LIST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
STREAM, STORAGE, ROOT = 2, 1, 5


@cache
def ole(*streams: str, deeper: tuple[str, ...] = (), content: int = 4096, directory_last: bool = False) -> bytes:
    """A compound file with these streams in its root, and others in a storage within.

    Each stream holds `content` bytes; the directory lies before or behind them.
    """
    per_stream = max(content, 4096) // SECTOR
    in_streams = per_stream * len(streams + deeper)
    in_directory = -(-(len(streams + deeper) + 2) // 4)
    tables = lists = 0
    while (tables, lists) != (needed := _tables(tables + lists + in_directory + in_streams)):
        tables, lists = needed
    directory_at = tables + lists + (in_streams if directory_last else 0)
    streams_at = tables + lists + (0 if directory_last else in_directory)

    following = [TABLE] * tables + [LIST] * lists + [FREE] * (tables * 128 - tables - lists)
    starts = [streams_at + per_stream * number for number in range(len(streams + deeper))]
    for start, count in [(directory_at, in_directory), *((start, per_stream) for start in starts)]:
        following[start : start + count] = [*range(start + 1, start + count), END]

    listed = [*range(tables), *([FREE] * (IN_HEADER + 127 * lists - tables))]
    more = b"".join(
        struct.pack("<128I", *listed[at : at + 127], END if number == lists - 1 else tables + number + 1)
        for number, at in enumerate(range(IN_HEADER, len(listed), 127))
    )
    header = struct.pack(
        "<8s16x5H6x9I109I",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6),
        *(0, tables, directory_at, 0, 4096, END, 0, tables if lists else END, lists),
        *listed[:IN_HEADER],
    )
    directory = _directory(streams, deeper, starts, per_stream * SECTOR).ljust(in_directory * SECTOR, b"\0")
    data = random.Random(7).randbytes(in_streams * SECTOR)  # noqa: S311 - filler
    body = data + directory if directory_last else directory + data
    return header + struct.pack(f"<{len(following)}I", *following) + more + body


def _tables(sectors: int) -> tuple[int, int]:
    """How many tables, and lists of tables, so many sectors need."""
    tables = -(-sectors // 128)
    return tables, -(-max(tables - IN_HEADER, 0) // 127)


def _directory(streams: tuple[str, ...], deeper: tuple[str, ...], starts: list[int], size: int) -> bytes:
    """Each storage's children hang on one another's right."""
    storage = len(streams) + 1
    entries = [_entry("Root Entry", ROOT, child=1)]
    for number, name in enumerate(streams, 1):
        last = number == len(streams) and not deeper
        entries.append(_entry(name, STREAM, right=FREE if last else number + 1, start=starts[number - 1], size=size))
    if deeper:
        entries.append(_entry("ObjectPool", STORAGE, child=storage + 1))
    for number, name in enumerate(deeper, storage + 1):
        right = FREE if number == storage + len(deeper) else number + 1
        entries.append(_entry(name, STREAM, right=right, start=starts[number - 2], size=size))
    return b"".join(entries)


def _entry(name: str, kind: int, *, right: int = FREE, child: int = FREE, start: int = 0, size: int = 0) -> bytes:
    coded = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHBB3I36xIQ", coded, len(coded), kind, 1, FREE, right, child, start, size)
