"""PDF: whole, and open to be read. Source: ISO 32000-1, 7.5 (file structure) and 7.6 (encryption)."""

from __future__ import annotations

import re

from chatflow.media.ranges import Read, Unfit, ending

_BEHIND = 2_048  # bytes that may stand behind the end; blanks and zeros do not count
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_DICTIONARY = 4_096  # bytes of a cross-reference stream before its data


def whole(read: Read, size: int) -> None:
    """Raises Unfit when the end is missing, or the content encrypted (even if it opens without a password)."""
    tail = ending(read, size)
    ends = list(_END.finditer(tail))
    if not ends or len(tail[ends[-1].end() :].strip(b"\0\t\n\f\r ")) > _BEHIND:
        raise Unfit("truncated", "a PDF without its end")
    table = int(ends[-1][1])
    if not 0 < table < size:
        raise Unfit("truncated", "a PDF whose table lies outside")
    trailer = tail[: ends[-1].start()]
    in_tail = trailer[trailer.rfind(b"trailer") :] if b"trailer" in trailer else b""
    # Places count from `%PDF`, or from the beginning of the file: whoever put something before it did not count anew.
    places = {table, table + max(read(0, 64).find(b"%PDF-"), 0)}
    if _ENCRYPTED.search(in_tail) or any(_ENCRYPTED.search(_dictionary(read, place)) for place in places):
        raise Unfit("encrypted", "a PDF under a password")


def _dictionary(read: Read, table: int) -> bytes:
    """The trailer where it is part of the table, as newer files have it, or follows a short one."""
    found = read(table, _DICTIONARY)
    return found.partition(b"stream")[0].partition(b"startxref")[0]
