"""The objects of a PDF that its reader needs: dictionaries, and where the tables of the file say that an object lies.

Source: ISO 32000-1, 7.3 (objects) and 7.5 (file structure).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

from chatflow.media.ranges import InvalidFile, Read

_SPACE = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*[\r\n])"
_SKIP = re.compile(_SPACE + rb"*")
_NAME = re.compile(rb"/([^\0\t\n\f\r ()<>\[\]{}/%]*)")
_REFERENCE = re.compile(rb"(\d{1,10})" + _SPACE + rb"+(\d{1,5})" + _SPACE + rb"+R(?![A-Za-z0-9])")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")
_WORD = re.compile(rb"[A-Za-z]+")
_OBJECT = re.compile(_SPACE + rb"*(\d{1,10})" + _SPACE + rb"+\d{1,5}" + _SPACE + rb"+obj")
_SUBSECTION = re.compile(rb"[\0\t\n\f\r ]*(\d{1,10}) +(\d{1,10})[ \t]*(?:\r\n|\r|\n)")
_STREAM = re.compile(_SPACE + rb"*stream(?:\r\n|\n|\r)")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}
_DICTIONARY = 4_096  # bytes of a dictionary
_ENTRY = 20  # bytes of a table's entry
_MAX_SUBSECTIONS = 64
_MAX_SECTIONS = 4  # of a file that was changed again and again
_PACKED_LIMIT = 98_304  # bytes of a table that is a stream, compressed
_TABLE_LIMIT = 1_048_576  # bytes of it, decompressed
_MAX_DEPTH = 16
_COLUMNS = 3
_PNG_PREDICTORS = range(10, 16)


class Reference(NamedTuple):
    """The number of another object."""

    number: int


@dataclass(frozen=True)
class Section:
    """One table of objects: its dictionary, and the offset of an object by its number, None when it is not listed."""

    trailer: dict[str, Any]
    find: Callable[[int], int | None]


def decode_names(data: bytes) -> bytes:
    """The same bytes with every `#xx` that a name may hold as the character that it stands for."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", _regular, data)


def parse(data: bytes, at: int = 0, depth: int = 0) -> tuple[Any, int]:
    """The object at this place and where it ends: dict, list, str (a name), bytes (a string), number, Reference.

    Raises ValueError when none is there, or its end is not.
    """
    at = _skipped(data, at)
    if depth > _MAX_DEPTH:
        raise ValueError("objects nest too deeply")
    if data.startswith(b"<<", at):
        return _dictionary(data, at + 2, depth)
    if data.startswith(b"[", at):
        return _array(data, at + 1, depth)
    if data.startswith(b"(", at):
        return _text(data, at + 1)
    if data.startswith(b"<", at):
        end = data.index(b">", at)
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", data[at + 1 : end])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), end + 1
    if found := _NAME.match(data, at):
        return decode_names(found[1]).decode("latin-1"), found.end()
    if found := _REFERENCE.match(data, at):
        return Reference(int(found[1])), found.end()
    if found := _NUMBER.match(data, at):
        return (float(found[0]) if b"." in found[0] else int(found[0])), found.end()
    if found := _WORD.match(data, at):
        return {b"true": True, b"false": False}.get(found[0]), found.end()
    raise ValueError("no object")


def parse_object(read: Read, offset: int, number: int | None = None) -> tuple[Any, int]:
    """The object that begins at an offset ("9 0 obj"), and the offset of its end. Raises ValueError."""
    data = read(offset, _DICTIONARY)
    begins = _OBJECT.match(data)
    if begins is None or (number is not None and int(begins[1]) != number):
        raise ValueError("no object begins here")
    found, end = parse(data, begins.end())
    return found, offset + end


def sections(read: Read, offset: int, shift: int) -> Iterator[Section]:
    """The tables of the file, the newest first, as far as they can be read. All offsets in the file lack `shift`."""
    at: Any = offset
    for _ in range(_MAX_SECTIONS):
        if not isinstance(at, int) or at <= 0:
            return
        try:
            section = _section(read, at + shift, shift)
        except InvalidFile:
            raise
        except (ValueError, LookupError):
            return
        yield section
        at = section.trailer.get("Prev")


def _section(read: Read, offset: int, shift: int) -> Section:
    start = read(offset, _DICTIONARY)
    begins = _skipped(start, 0)
    if start.startswith(b"xref", begins):
        return _plain_section(read, offset + begins + 4, shift)
    return _stream_section(read, offset, shift)


def _plain_section(read: Read, at: int, shift: int) -> Section:
    """Lines of a fixed length, so that neither they nor what is between them and the trailer need be read."""
    ranges: list[tuple[int, int, int]] = []
    for _ in range(_MAX_SUBSECTIONS):
        subsection = _SUBSECTION.match(read(at, 64))
        if subsection is None:
            break
        first, count = int(subsection[1]), int(subsection[2])
        ranges.append((first, count, at + subsection.end()))
        at += subsection.end() + count * _ENTRY
    data = read(at, _DICTIONARY)
    begins = _skipped(data, 0)
    if not data.startswith(b"trailer", begins):
        raise ValueError("no trailer behind a table")

    def find(number: int) -> int | None:
        for first, count, place in ranges:
            if first <= number < first + count:
                entry = read(place + (number - first) * _ENTRY, _ENTRY)
                return int(entry[:10]) + shift if entry[17:18] == b"n" else None
        return None

    return Section(_checked(parse(data, begins + 7)[0]), find)


def _stream_section(read: Read, offset: int, shift: int) -> Section:
    found, end = parse_object(read, offset)
    trailer = _checked(found)

    def find(number: int) -> int | None:
        return _find_in_stream(read, trailer, end, shift, number)

    return Section(trailer, find)


def _find_in_stream(read: Read, trailer: dict[str, Any], end: int, shift: int, number: int) -> int | None:
    """The offset of an object by a table that is a stream of rows: kind, offset, generation (7.5.8)."""
    widths = trailer.get("W")
    index = trailer.get("Index") or [0, trailer.get("Size")]
    if not _are_counts(widths) or len(widths) != _COLUMNS or not _are_counts(index):
        raise ValueError("a table without its form")
    row = 0
    for first, count in zip(index[::2], index[1::2], strict=True):
        if first <= number < first + count:
            row += number - first
            break
        row += count
    else:
        return None
    begins = _STREAM.match(read(end, 64))
    length = trailer.get("Length")
    if begins is None or not isinstance(length, int) or not 0 <= length <= _PACKED_LIMIT:
        raise ValueError("a table that is too long")
    rows = _decoded(read(end + begins.end(), length), trailer, sum(widths))
    kind, place, _ = _columns(rows[row * sum(widths) :], widths)
    return place + shift if kind == 1 else None


def _columns(row: bytes, widths: list[int]) -> list[int]:
    numbers, at = [], 0
    for width in widths:
        numbers.append(int.from_bytes(row[at : at + width], "big") if width else 1)
        at += width
    return numbers


def _decoded(data: bytes, trailer: dict[str, Any], width: int) -> bytes:
    """A stream without its compression and its prediction. Raises ValueError for any but the usual ones."""
    kind, how = trailer.get("Filter"), trailer.get("DecodeParms") or {}
    kind = kind[0] if isinstance(kind, list) and len(kind) == 1 else kind
    how = how[0] if isinstance(how, list) and len(how) == 1 else how
    if kind is None:
        return data
    if kind not in ("FlateDecode", "Fl"):
        raise ValueError("a table that is compressed in an unknown way")
    plain = zlib.decompressobj().decompress(data, _TABLE_LIMIT)
    if not isinstance(how, dict) or how.get("Predictor", 1) == 1:
        return plain
    columns = width
    if how["Predictor"] not in _PNG_PREDICTORS or how.get("Columns", 1) != width or not width:
        raise ValueError("a table that is predicted in an unknown way")
    rows, above = bytearray(), bytes(columns)
    for at in range(0, len(plain) - columns, columns + 1):
        above = _unpredicted(plain[at], plain[at + 1 : at + 1 + columns], above)
        rows += above
    return bytes(rows)


def _unpredicted(how: int, row: bytes, above: bytes) -> bytes:
    """A row from its difference to the one above or to the left (PNG, 9.2); tables use no other prediction."""
    if how == 0:
        return row
    if how == 2:
        return bytes((each + up) & 255 for each, up in zip(row, above, strict=True))
    if how != 1:
        raise ValueError("a table that is predicted in an unknown way")
    left, found = 0, bytearray()
    for each in row:
        left = (each + left) & 255
        found.append(left)
    return bytes(found)


def _are_counts(found: Any) -> TypeGuard[list[int]]:
    return isinstance(found, list) and all(isinstance(each, int) and each >= 0 for each in found)


def _checked(found: Any) -> dict[str, Any]:
    if isinstance(found, dict):
        return found
    raise ValueError("no dictionary")


def _skipped(data: bytes, at: int) -> int:
    found = _SKIP.match(data, at)
    return found.end() if found else at


def _dictionary(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while True:
        at = _skipped(data, at)
        if data.startswith(b">>", at):
            return found, at + 2
        name = _NAME.match(data, at)
        if name is None:
            raise ValueError("a dictionary without a name")
        found[decode_names(name[1]).decode("latin-1")], at = parse(data, name.end(), depth + 1)


def _array(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    found = []
    while not data.startswith(b"]", at := _skipped(data, at)):
        item, at = parse(data, at, depth + 1)
        found.append(item)
    return found, at + 1


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    """A string in brackets, which may hold brackets and escapes (7.3.4.2)."""
    found, depth = bytearray(), 1
    while at < len(data):
        each = data[at : at + 1]
        at += 1
        if each == b"\\":
            octal = re.compile(rb"[0-7]{1,3}").match(data, at)
            if octal:
                found.append(int(octal[0], 8) & 255)
                at = octal.end()
                continue
            escaped = data[at : at + 1]
            at += 2 if data[at : at + 2] == b"\r\n" else 1
            found += _ESCAPES.get(escaped, escaped)
            continue
        depth += (each == b"(") - (each == b")")
        if not depth:
            return bytes(found), at
        found += b"\n" if each == b"\r" else each
        at += each == b"\r" and data[at : at + 1] == b"\n"
    raise ValueError("a string without an end")


def _regular(found: re.Match[bytes]) -> bytes:
    """The character of `#xx`, unless it would end the name."""
    each = bytes.fromhex(found[1].decode())
    return found[0] if each in b"\0\t\n\f\r ()<>[]{}/%" else each
