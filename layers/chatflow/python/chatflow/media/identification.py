"""Identifies the format of a file, by its content alone.

Name and declared type are claims of the sender, and are never used. Containers are opened as far as needed to tell what
they hold: MP4 by its tracks, Office files by their relationships or the streams of their root.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chatflow.media.formats import audio, images, mp4, ole, ooxml, pdf, usdz, zip_archive
from chatflow.media.media_rules import check_content
from chatflow.media.profiles import FORMATS, PRODUCT, Format
from chatflow.media.ranges import BudgetedReader, InvalidFile, Read

if TYPE_CHECKING:
    from pathlib import Path

# Scripts of web sites put a byte order mark or a few blank lines before the document that they generate.
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\r ]{0,16}%PDF-\d\.\d")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = ooxml.NAMES | {"usdz"}
_FIRST = 64  # bytes that select the reader
_CHECK_WHOLE: dict[
    str, Callable[[BudgetedReader, int], None]
] = {  # further checks; zip and OLE are opened to be identified
    "jpeg": images.check_whole_jpeg,
    "png": images.check_whole_png,
    "pdf": pdf.check_whole,
    "mp4": mp4.check_whole,
    "m4a": mp4.check_whole,
    "opus": audio.check_whole_ogg,
    "mp3": audio.check_whole_mp3,
}


def identify(read: Read, size: int, *, active_content: bool = False) -> Format | InvalidFile:
    """The format of a file of `size` bytes that is whole and readable; else the reason why it is not accepted.

    With `active_content`, an Office file may load and start things (`formats.active_content`) and is not examined for
    that. InvalidFile is returned, never raised. `ranges` says what it costs. What `read` raises passes through.
    """
    return _run(lambda reader: _identify(reader, size, active_content), read, size)


def identify_by_head(read: Read, size: int) -> Format | InvalidFile:
    """The format of a file if it is whole: for most formats found without its end, while that is still to come."""
    return _run(lambda reader: _name(reader, size), read, size)


def identify_file(path: Path) -> Format | InvalidFile:
    """The format of a local file. Raises OSError."""
    with path.open("rb") as file:

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        return identify(read, path.stat().st_size)


def inspect_file(path: Path) -> dict[str, Any]:
    """Check a local file against the product's profile, as every file is checked. A channel may accept less.

    Returns `file`, `accepted`, `reason`, and `kind` and `mime` of a known format, even of a file that is too large.
    Raises OSError.
    """
    found = identify_file(path)
    rejected = check_content(PRODUCT, found, path.stat().st_size)
    return {
        "file": str(path),
        "accepted": rejected is None,
        "kind": found.kind if found else "",
        "mime": found.mime if found else "",
        "reason": rejected.reason if rejected else "",
    }


def _run(name_format: Callable[[BudgetedReader], Format], read: Read, size: int) -> Format | InvalidFile:
    reader = BudgetedReader(read, size)
    try:
        return name_format(reader)
    except InvalidFile as invalid:
        if reader.failed:
            raise
        return invalid
    except (ValueError, LookupError, ArithmeticError, struct.error, zlib.error) as error:
        if reader.failed:
            raise
        return InvalidFile("broken", str(error))


def _identify(read: BudgetedReader, size: int, active_content: bool) -> Format:
    found = _name(read, size)
    name = found.name
    if name not in _ZIPS | ole.NAMES and zip_archive.ends_with_zip(read, size):
        raise InvalidFile("mixed", f"{name} and a zip in one")
    if name in _CHECK_WHOLE:
        _CHECK_WHOLE[name](read, size)
    if name in ("mp4", "m4a"):
        found = _encoded(name, mp4.encoding(read, size))
    if not active_content:
        _check_active_content(read, size, name)
    return found


def _check_active_content(read: BudgetedReader, size: int, name: str) -> None:
    if name in ole.NAMES:
        ole.check_active_content(read, size)
    elif name in ooxml.NAMES:
        from chatflow.media.formats import active_content  # loaded only for Office files

        active_content.check(read, size, name)


def _name(read: BudgetedReader, size: int) -> Format:
    if size <= 0:
        raise InvalidFile("empty", "no bytes")
    first = read(0, _FIRST)
    if first.startswith(images.JPEG):
        return _encoded("jpeg", images.check_jpeg(read, size))
    if first.startswith(images.PNG):
        return _encoded("png", images.check_png(first))
    if _PDF.match(first):
        return FORMATS["pdf"]
    if first.startswith(b"PK\x03\x04"):
        return FORMATS[_name_zip(read, size)]
    if first.startswith(_OLE):
        return FORMATS[ole.name(read, size)]
    if first[4:8] == b"ftyp":
        return FORMATS[mp4.name(read, size)]
    return FORMATS[audio.name(read, size, first)]


def _name_zip(read: Read, size: int) -> str:
    opened = ooxml.open_package(read, size)
    if isinstance(opened, ooxml.Package):
        return ooxml.name(read, opened)
    usdz.check(read, opened)
    return "usdz"


def _encoded(name: str, encoding: str) -> Format:
    return replace(FORMATS[name], encoding=encoding) if encoding else FORMATS[name]
