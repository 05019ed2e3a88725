"""What a file is called: cleaned once, at the door, so that no later step has to distrust a name.

A name that left here is one path segment on every system, safe inside a header, and tells the truth about the format.
"""

from __future__ import annotations

import re
import unicodedata

from chatflow.media.profiles import Format

LONGEST = 200  # bytes of UTF-8, the extension included; file systems end at 255, and a prefix may still be added

_DEFAULT = {"image": "photo", "document": "document", "audio": "audio", "video": "video"}
_ALSO = {"jpeg": {"jpeg", "jpe"}, "m4a": {"mp4"}, "opus": {"opus", "oga"}}  # as true as the format's own extension
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, direction, half a character, private use, line breaks
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # on Windows
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)  # Windows' devices
_EXTENSION = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])([A-Za-z0-9]{1,4})$")  # ".2" of "plan v1.2" is none


def clean(announced: str, found: Format) -> str:
    """The name under which a file of this format is kept; cleaning it again changes nothing.

    A sender that gave no usable name gets "photo.jpg", "document.pdf", "audio.ogg", "video.mp4".
    """
    stem, ending = _split(_seen(announced), found)
    stem = _trim(_cut(_trim(stem), LONGEST - len(ending) - 1)) or _DEFAULT[found.kind]
    return f"_{stem}{ending}" if _RESERVED.match(stem) else f"{stem}{ending}"


def _split(name: str, found: Format) -> tuple[str, str]:
    """The stem and a true extension: a false one gives way, and "photo.jpg.exe" that is a JPEG is "photo.jpg"."""
    true = {found.extension} | _ALSO.get(found.name, set())
    said = _EXTENSION.search(name)
    if said and said[1].lower() not in true:
        name = name[: said.start()]
        inner = _EXTENSION.search(name)
        said = inner if inner and inner[1].lower() in true else None
    return (name[: said.start()], said[0]) if said else (name, f".{found.extension}")


def _seen(announced: str) -> str:
    """One line of visible characters: the last step of what may have been a path."""
    text = "".join(each for each in announced if unicodedata.category(each) not in _UNSEEN)
    text = unicodedata.normalize("NFC", text)
    text = re.split(r"[/\\]", text.rstrip("/\\ "))[-1]
    return _trim(" ".join(_FORBIDDEN.sub("_", text).split()))


def _trim(text: str) -> str:
    """Dots in front hide a file, dots and blanks at the end vanish on Windows."""
    return text.lstrip(". ").rstrip(". ")


def _cut(text: str, size: int) -> str:
    """At most `size` bytes, and no half character."""
    return text.encode()[:size].decode(errors="ignore")
