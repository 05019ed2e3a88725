"""Cleans the name of a file once, when it is received, so that no later step has to distrust it.

A cleaned name is one path segment on every system, safe inside a header, and has the extension of the real format.
"""

from __future__ import annotations

import re
import unicodedata

from chatflow.media.declared_type import formats_by_extension
from chatflow.media.profiles import Format

MAX_BYTES = 200  # of UTF-8, with the extension; file systems end at 255, and a prefix may still be added

_DEFAULT = {"image": "photo", "document": "document", "audio": "audio", "video": "video"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, direction, lone surrogate, private use, line breaks
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # on Windows
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)  # Windows' devices
_EXTENSION = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])([A-Za-z0-9]{1,4})$")  # ".2" of "plan v1.2" is none
_EXECUTABLE = re.compile(  # an extension that some server or desktop runs, even in front of another extension
    r"\.(?=(php\d?|phtml|phar|aspx?|ashx|jspx?|cgi|pl|py|rb|sh|exe|com|bat|cmd|scr|pif|msi|dll|js|jse|vbs|vbe|wsf"
    r"|hta|ps1|jar|lnk|s?html?|xht(ml)?|svg)(\.|$))",
    re.IGNORECASE,
)


def clean_filename(announced: str, found: Format) -> str:
    """The name under which a file of this format is stored. Idempotent.

    Without a usable name it is "photo.jpg", "document.pdf", "audio.ogg", "video.mp4".
    """
    stem, extension = _split(_visible(announced), found)
    stem = _EXECUTABLE.sub("_", _trim(stem))
    stem = _trim(_cut(stem, MAX_BYTES - len(extension) - 1)) or _DEFAULT[found.kind]
    return f"_{stem}{extension}" if _RESERVED.match(stem) else f"{stem}{extension}"


def _split(name: str, found: Format) -> tuple[str, str]:
    """The stem and a true extension. A false one is replaced: "photo.jpg.exe" that is a JPEG becomes "photo.jpg"."""
    match = _EXTENSION.search(name)
    if match and found not in formats_by_extension(match[1].lower()):
        name = name[: match.start()]
        inner = _EXTENSION.search(name)
        match = inner if inner and found in formats_by_extension(inner[1].lower()) else None
    return (name[: match.start()], match[0]) if match else (name, f".{found.extension}")


def _visible(announced: str) -> str:
    """One line of visible characters: the last segment of what may have been a path."""
    text = "".join(each for each in announced if unicodedata.category(each) not in _INVISIBLE)
    text = unicodedata.normalize("NFC", text)
    text = re.split(r"[/\\]", text.rstrip("/\\ "))[-1]
    return _trim(" ".join(_FORBIDDEN.sub("_", text).split()))


def _trim(text: str) -> str:
    """Leading dots hide a file, leading hyphens make it an option; trailing dots and spaces vanish on Windows."""
    return text.lstrip(". -").rstrip(". ")


def _cut(text: str, size: int) -> str:
    """At most `size` bytes, ending between characters."""
    return text.encode()[:size].decode(errors="ignore")
