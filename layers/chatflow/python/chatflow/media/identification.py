"""What a file is: the one function that decides it, by content alone.

A name and a declared type are claims of whoever sent them; they are never asked. Containers are opened as far as it
takes to tell what they hold: MP4 by its tracks, zip by what its directory lists, OLE by the streams of its root.
"""

from __future__ import annotations

import re
import struct
import zlib

from chatflow.media import audio_frames, mp4_boxes, ole_files, zip_archives
from chatflow.media.profiles import FORMATS, Format
from chatflow.media.ranges import Read, exactly

_JPEG = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]")
_PDF = re.compile(rb"%PDF-\d\.\d")
_PNG = re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR(?!\0\0\0\0)....(?!\0\0\0\0)", re.DOTALL)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST = 64  # bytes that tell which reader to ask


def identify(read: Read, size: int) -> Format | None:
    """The format of a file of `size` bytes, or None: not one of ours, or broken. What `read` raises passes through."""
    try:
        name = _name(read, size)
    except (ValueError, LookupError, struct.error, zlib.error):
        return None
    return FORMATS[name] if name else None


def _name(read: Read, size: int) -> str | None:
    first = exactly(read, 0, min(_FIRST, size))
    if _JPEG.match(first):
        return "jpeg"
    if _PNG.match(first):
        return "png"
    if _PDF.match(first):
        return "pdf"
    if first.startswith(b"PK\x03\x04"):
        return zip_archives.name(read, size)
    if first.startswith(_OLE):
        return ole_files.name(read)
    if first[4:8] == b"ftyp":
        return mp4_boxes.name(read, size)
    return audio_frames.name(read, size, first)
