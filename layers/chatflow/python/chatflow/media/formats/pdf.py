"""PDF: whole, and not under a password. Source: ISO 32000-1, 7.5 (file structure) and 7.6 (encryption)."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

from chatflow.media.ranges import InvalidFile, Read, read_tail

_MAX_TRAILING = 2_048  # bytes that may follow the end mark; white space and zeros do not count
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")


def check_whole(read: Read, size: int) -> None:
    """Raises InvalidFile when the end is missing, or nobody can open the file without a password."""
    from chatflow.media.formats import pdf_objects  # loaded only for PDFs

    tail = read_tail(read, size)
    ends = list(_END.finditer(tail))
    if not ends or len(tail[ends[-1].end() :].strip(b"\0\t\n\f\r ")) > _MAX_TRAILING:
        raise InvalidFile("truncated", "a PDF without its end")
    table = int(ends[-1][1])
    if not 0 < table < size:
        raise InvalidFile("truncated", "a PDF whose table lies outside")
    # Offsets count from `%PDF`, or from the beginning of the file: scripts that write before it do not adjust them.
    starts = sorted({0, max(read(0, 64).find(b"%PDF-"), 0)})
    newest = [next(pdf_objects.sections(read, table, start), None) for start in starts]
    trailers = [each.trailer for each in newest if each]
    # Programs that find no table where it should be look for the last trailer.
    trailers.append(_last_trailer(tail[: ends[-1].start()]))
    trailer = next((each for each in trailers if "Encrypt" in each), None)
    if trailer is not None:
        _check_encryption(_Objects(read, table, starts), trailer)


def _last_trailer(tail: bytes) -> dict[str, Any]:
    from chatflow.media.formats import pdf_objects

    _, word, data = tail.rpartition(b"trailer")
    if not word:
        return {}
    try:
        found, _ = pdf_objects.parse(data)
    except ValueError:
        return {"Encrypt": None} if b"/Encrypt" in pdf_objects.decode_names(data) else {}
    return found if isinstance(found, dict) else {}


def _check_encryption(objects: _Objects, trailer: dict[str, Any]) -> None:
    """Raises InvalidFile when an empty password does not open the encryption that a trailer names."""
    from chatflow.media.formats.pdf_password import opens_without_password

    identifier = objects.resolve(trailer.get("ID"))
    file_id = identifier[0] if isinstance(identifier, list) and identifier else b""
    encryption = objects.resolve(trailer["Encrypt"])
    if not isinstance(encryption, dict) or not isinstance(file_id, bytes):
        raise InvalidFile("encrypted", "a PDF whose encryption cannot be read")
    if not opens_without_password(encryption, file_id):
        raise InvalidFile("encrypted", "a PDF under a password")


@dataclass(frozen=True)
class _Objects:
    """The objects of a file by its tables: the newest lies at `table`, counted from one of `starts`."""

    read: Read
    table: int
    starts: list[int]

    def resolve(self, found: Any) -> Any:
        """An object, or the one that it refers to; None when that is not where the tables say."""
        from chatflow.media.formats import pdf_objects

        if not isinstance(found, pdf_objects.Reference):
            return found
        for start in self.starts:
            for section in pdf_objects.sections(self.read, self.table, start):
                try:
                    offset = section.find(found.number)
                    if offset is not None:
                        return pdf_objects.parse_object(self.read, offset, found.number)[0]
                except InvalidFile:
                    raise
                except (ValueError, LookupError, zlib.error):
                    continue  # with the other start it may be where they say
        return None
