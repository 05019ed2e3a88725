"""What is declared about a file (extension, MIME type), and which formats that allows.

| source | extension of its name | MIME type | kind |
|---|---|---|---|
| a customer, through a channel | a wrong one is replaced | ignored | only names an unknown format: "a sticker" |
| the business's API | a wrong one is replaced | ignored | - |
| an upload to the asset library | must be right | must be right, or generic | - |

The content alone decides what a file is, and what is sent on to an API or a channel is our own constant for that. A
customer cannot correct what a phone declared wrongly. An editor of the asset library can, and should learn that a name
is misleading.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatflow.media.profiles import FORMATS, Format

# Further extensions of a format. The table of formats lists `mp4` under audio and under video.
_EXTENSIONS: Final = {"jpeg": "jpeg", "jpe": "jpeg", "mp4": "m4a", "opus": "opus", "oga": "opus"}
# What browsers and operating systems declare besides a format's own type.
_MIME_ALIASES: Final = {
    "image/jpg": "jpeg",
    "image/pjpeg": "jpeg",
    "image/x-png": "png",
    "application/x-pdf": "pdf",
    "model/usd": "usdz",
    "model/vnd.pixar.usd": "usdz",
    "audio/x-aac": "aac",
    "audio/aacp": "aac",
    "audio/vnd.dlna.adts": "aac",
    "audio/x-amr": "amr",
    "audio/amr-nb": "amr",
    "audio/x-m4a": "m4a",
    "audio/m4a": "m4a",
    "audio/mp3": "mp3",
    "audio/x-mp3": "mp3",
    "audio/x-mpeg": "mp3",
    "audio/opus": "opus",
    "application/ogg": "opus",
    "video/x-m4v": "mp4",
}
_GENERIC: Final = {"", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded"}


def formats_by_extension(extension: str) -> list[Format]:
    """The formats with this extension: two for mp4, none for an unknown one."""
    names = [each.name for each in FORMATS.values() if each.extension == extension]
    return [FORMATS[name] for name in dict.fromkeys([*names, *filter(None, [_EXTENSIONS.get(extension)])])]


def formats_by_mime(mime: str) -> list[Format] | None:
    """The formats of a declared type, without its parameters; None for a generic type, empty for an unknown one."""
    plain = mime.partition(";")[0].strip().lower()
    if plain in _GENERIC:
        return None
    names = [each.name for each in FORMATS.values() if each.mime == plain]
    return [FORMATS[name] for name in dict.fromkeys([*names, *filter(None, [_MIME_ALIASES.get(plain)])])]


def expected_formats(extension: str, mime: str) -> list[Format]:
    """The formats that both the extension and the type allow; none when they contradict one another or say nothing."""
    by_extension, by_mime = formats_by_extension(extension), formats_by_mime(mime)
    if not extension:
        return by_mime or []
    return by_extension if by_mime is None else [each for each in by_extension if each in by_mime]


def list_extensions(formats: Iterable[Format] = FORMATS.values()) -> str:
    """The extensions as a text: "pdf, doc, docx, ..."."""
    return ", ".join(dict.fromkeys(each.extension for each in formats))
