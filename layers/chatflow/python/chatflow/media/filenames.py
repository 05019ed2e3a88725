"""What a file is called: cleaned once, at the door, so that no later step has to distrust a name.

A name that left here is one path segment on every system, safe inside a header, and tells the truth about the format.
"""

from __future__ import annotations

import re
import unicodedata

from chatflow.media.declared_type import by_ending
from chatflow.media.profiles import Format

LONGEST = 200  # bytes of UTF-8, the extension included; file systems end at 255, and a prefix may still be added

_DEFAULT = {"image": "photo", "document": "document", "audio": "audio", "video": "video"}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, direction, half a character, private use, line breaks
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # on Windows
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)  # Windows' devices
_EXTENSION = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])([A-Za-z0-9]{1,4})$")  # ".2" of "plan v1.2" is none
_RUNS = re.compile(  # an ending that some server or desktop runs, even if another ending stands behind it
    r"\.(?=(php\d?|phtml|phar|aspx?|ashx|jspx?|cgi|pl|py|rb|sh|exe|com|bat|cmd|scr|pif|msi|dll|js|jse|vbs|vbe|wsf"
    r"|hta|ps1|jar|lnk|s?html?|xht(ml)?|svg)(\.|$))",
    re.IGNORECASE,
)


def clean(announced: str, found: Format) -> str:
    """The name under which a file of this format is kept; cleaning it again changes nothing.

    A sender that gave no usable name gets "photo.jpg", "document.pdf", "audio.ogg", "video.mp4".
    """
    stem, ending = _split(_seen(announced), found)
    stem = _RUNS.sub("_", _trim(stem))
    stem = _trim(_cut(stem, LONGEST - len(ending) - 1)) or _DEFAULT[found.kind]
    return f"_{stem}{ending}" if _RESERVED.match(stem) else f"{stem}{ending}"


def _split(name: str, found: Format) -> tuple[str, str]:
    """The stem and a true extension: a false one gives way, and "photo.jpg.exe" that is a JPEG is "photo.jpg"."""
    said = _EXTENSION.search(name)
    if said and found not in by_ending(said[1].lower()):
        name = name[: said.start()]
        inner = _EXTENSION.search(name)
        said = inner if inner and found in by_ending(inner[1].lower()) else None
    return (name[: said.start()], said[0]) if said else (name, f".{found.extension}")


def _seen(announced: str) -> str:
    """One line of visible characters: the last step of what may have been a path."""
    text = "".join(each for each in announced if unicodedata.category(each) not in _UNSEEN)
    text = unicodedata.normalize("NFC", text)
    text = re.split(r"[/\\]", text.rstrip("/\\ "))[-1]
    return _trim(" ".join(_FORBIDDEN.sub("_", text).split()))


def _trim(text: str) -> str:
    """Dots in front hide a file, hyphens make an option of it; dots and blanks at the end vanish on Windows."""
    return text.lstrip(". -").rstrip(". ")


def _cut(text: str, size: int) -> str:
    """At most `size` bytes, and no half character."""
    return text.encode()[:size].decode(errors="ignore")
