"""Zip64: what stands in 64 bits where a zip's own fields are too narrow, or were not yet known when it was written.

Small files have it too: programs that write a workbook as a stream (Apache POI among them) use it for every entry.
Source: APPNOTE.TXT, 4.3.14, 4.3.15 and 4.5.3.
"""

from __future__ import annotations

import struct

from chatflow.media.ranges import Unfit

_WIDE = 0xFFFFFFFF  # "see elsewhere", in 32 bits
_MANY = 0xFFFF  # and in 16
_RECORD = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_EXTRA = 1  # the kind of the extra field that holds the wide numbers of an entry


def end(before: bytes, start: int, narrow: tuple[int, int, int]) -> tuple[int, int, int, int] | None:
    """Count of entries, length and offset of the directory, and where it ends; None for a plain zip.

    `before` are the bytes in front of the plain end record, `start` their offset in the file, `narrow` what that
    record says. Raises Unfit when the two contradict one another.
    """
    at = len(before) - _LOCATOR.size
    if at < 0 or before[at : at + 4] != b"PK\x06\x07":
        return None
    _, disk, place, disks = _LOCATOR.unpack_from(before, at)
    if disk or disks > 1 or not 0 <= place - start <= at - _RECORD.size:
        raise Unfit("broken", "a zip whose second end is not where it says")
    mark, size, _, _, disk, first_disk, here, count, length, offset = _RECORD.unpack_from(before, place - start)
    if mark != b"PK\x06\x06" or disk or first_disk or here != count or place + 12 + size != start + at:
        raise Unfit("broken", "a zip whose second end is none")
    for said, known, elsewhere in zip(narrow, (count, length, offset), (_MANY, _WIDE, _WIDE), strict=True):
        if said not in (known, elsewhere):
            raise Unfit("broken", "a zip with two ends that disagree")
    return count, length, offset, place


def numbers(narrow: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """An entry's size unpacked, size packed and offset, each from its extra field if it stands there."""
    if _WIDE not in narrow:
        return narrow
    wide = _wide(extra)
    taken = [wide.pop(0) if each == _WIDE and wide else each for each in narrow]
    if _WIDE in taken:
        raise Unfit("broken", "an entry of a zip without its sizes")
    return taken[0], taken[1], taken[2]


def _wide(extra: bytes) -> list[int]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _EXTRA:
            count = min(length, len(extra) - at - 4) // 8
            return list(struct.unpack_from(f"<{count}Q", extra, at + 4))
        at += 4 + length
    return []
