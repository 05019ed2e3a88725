"""PDF: whole, and not encrypted. Source: ISO 32000-1, 7.5 (file structure) and 7.6 (encryption)."""

from __future__ import annotations

import re

from chatflow.media.ranges import InvalidFile, Read, read_tail

_MAX_TRAILING = 2_048  # bytes that may follow the end mark; white space and zeros do not count
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_DICTIONARY = 4_096  # bytes of a cross-reference stream before its data


def check_whole(read: Read, size: int) -> None:
    """Raises InvalidFile when the end is missing, or the content is encrypted (even if it opens without a password)."""
    tail = read_tail(read, size)
    ends = list(_END.finditer(tail))
    if not ends or len(tail[ends[-1].end() :].strip(b"\0\t\n\f\r ")) > _MAX_TRAILING:
        raise InvalidFile("truncated", "a PDF without its end")
    table = int(ends[-1][1])
    if not 0 < table < size:
        raise InvalidFile("truncated", "a PDF whose table lies outside")
    trailer = tail[: ends[-1].start()]
    in_tail = trailer[trailer.rfind(b"trailer") :] if b"trailer" in trailer else b""
    # Offsets count from `%PDF`, or from the beginning of the file: scripts that write before it do not adjust them.
    offsets = {table, table + max(read(0, 64).find(b"%PDF-"), 0)}
    if _ENCRYPTED.search(in_tail) or any(_ENCRYPTED.search(_dictionary(read, offset)) for offset in offsets):
        raise InvalidFile("encrypted", "an encrypted PDF")


def _dictionary(read: Read, table: int) -> bytes:
    """The trailer, where it is part of the cross-reference table (newer files) or follows a short one."""
    data = read(table, _DICTIONARY)
    return data.partition(b"stream")[0].partition(b"startxref")[0]
