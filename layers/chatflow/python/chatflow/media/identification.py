"""What a file is: the one function that decides it, by content alone.

A name and a declared type are claims of whoever sent them; they are never asked. Containers are opened as far as it
takes to tell what they hold: MP4 by its tracks, zip by what its directory lists, OLE by the streams of its root.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

from chatflow.media import audio_frames, mp4_boxes, ole_files, pdf_files, pictures, zip_archives
from chatflow.media.profiles import FORMATS, Format
from chatflow.media.ranges import Read, Sparing, Unfit

# Scripts of web sites put a mark for UTF-8, or a few blank lines, before the document that they make.
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\r ]{0,16}%PDF-\d\.\d")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST = 64  # bytes that tell which reader to ask
_WHOLE: dict[str, Callable[[Read, int], None]] = {  # what else must hold; zip and OLE are opened to be named
    "jpeg": pictures.whole_jpeg,
    "png": pictures.whole_png,
    "pdf": pdf_files.whole,
    "mp4": mp4_boxes.whole,
    "m4a": mp4_boxes.whole,
    "opus": audio_frames.whole_ogg,
    "mp3": audio_frames.whole_mp3,
}


def identify(read: Read, size: int) -> Format | Unfit:
    """The format of a file of `size` bytes that is whole and open to be read; else why it is none that we take.

    Unfit is returned, never raised. Costs at most `ranges.MOST_READS` reads. What `read` raises passes through.
    """
    return _told(_judged, read, size)


def begins_as(read: Read, size: int) -> Format | Unfit:
    """What a file is if it is whole: told without its end, for most formats, while that is still on its way."""
    return _told(_name, read, size)


def _told(tell: Callable[[Read, int], str], read: Read, size: int) -> Format | Unfit:
    sparing = Sparing(read, size)
    try:
        return FORMATS[tell(sparing, size)]
    except Unfit as unfit:
        if sparing.failed:
            raise
        return unfit
    except (ValueError, LookupError, ArithmeticError, struct.error, zlib.error) as error:
        if sparing.failed:
            raise
        return Unfit("broken", str(error))


def _judged(read: Read, size: int) -> str:
    name = _name(read, size)
    if name not in zip_archives.NAMES | ole_files.NAMES and zip_archives.ends_in_one(read, size):
        raise Unfit("mixed", f"{name} and a zip in one")
    if name in _WHOLE:
        _WHOLE[name](read, size)
    return name


def _name(read: Read, size: int) -> str:
    if size <= 0:
        raise Unfit("empty", "no bytes")
    first = read(0, _FIRST)
    if first.startswith(pictures.JPEG):
        pictures.check_jpeg(read, size)
        return "jpeg"
    if first.startswith(pictures.PNG):
        pictures.check_png(first)
        return "png"
    if _PDF.match(first):
        return "pdf"
    if first.startswith(b"PK\x03\x04"):
        return zip_archives.name(read, size)
    if first.startswith(_OLE):
        return ole_files.name(read, size)
    if first[4:8] == b"ftyp":
        return mp4_boxes.name(read, size)
    return audio_frames.name(read, size, first)
