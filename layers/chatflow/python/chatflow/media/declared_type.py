"""What is said about a file before it is seen, and what is made of that once its content is known.

| said by | the ending of its name | its MIME type | its kind |
|---|---|---|---|
| a customer, through a channel | a false one is replaced | not asked | names what is no format of ours: "a sticker" |
| the business's API | a false one is replaced | not asked | - |
| whoever fills the library | must be true | must be true, or say nothing | - |

The content alone says what a file is, and what goes on to an API or a channel is our own constant for that. A customer
cannot put right what a phone said wrongly; who fills the library can, and should know that a name misleads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatflow.media.profiles import FORMATS, Format

# Other endings than a format's own. `mp4` stands under audio and under video in the guide's table.
_ENDINGS: Final = {"jpeg": "jpeg", "jpe": "jpeg", "mp4": "m4a", "opus": "opus", "oga": "opus"}
# What browsers and operating systems say besides a format's own type.
_TYPES: Final = {
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
_SAYING_NOTHING: Final = {"", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded"}


def by_ending(ending: str) -> list[Format]:
    """The formats whose files end so; several for mp4, none for an ending that is no format of ours."""
    names = [each.name for each in FORMATS.values() if each.extension == ending]
    return [FORMATS[name] for name in dict.fromkeys([*names, *filter(None, [_ENDINGS.get(ending)])])]


def by_type(mime: str) -> list[Format] | None:
    """The formats of a declared type, parameters aside; None when it says nothing, empty when it is none of ours."""
    plain = mime.partition(";")[0].strip().lower()
    if plain in _SAYING_NOTHING:
        return None
    names = [each.name for each in FORMATS.values() if each.mime == plain]
    return [FORMATS[name] for name in dict.fromkeys([*names, *filter(None, [_TYPES.get(plain)])])]


def expected(ending: str, mime: str) -> list[Format]:
    """The formats that both the ending and the type allow; none when they deny one another, or say nothing at all."""
    named, declared = by_ending(ending), by_type(mime)
    if not ending:
        return declared or []
    return named if declared is None else [each for each in named if each in declared]


def endings(formats: Iterable[Format] = FORMATS.values()) -> str:
    """For people: "pdf, doc, docx, ..."."""
    return ", ".join(dict.fromkeys(each.extension for each in formats))
