"""Names of assets in flows. A name is made once from the name of the file, and never changes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"  # a test holds it to chatflow.flows.fields.ASSET
MAX_LENGTH: Final = 100  # characters
_LETTERS: Final = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"})


def name_from_filename(filename: str) -> str:
    """The name for a file that is shown as `filename`: "Preisliste März.pdf" becomes "Preisliste-Marz.pdf".

    Two file names may give the same name; then one file replaces the other.
    """
    text = unicodedata.normalize("NFKD", filename.translate(_LETTERS))
    text = "".join(each for each in text if not unicodedata.combining(each))
    stem, dot, extension = text.rpartition(".")
    if not dot:
        stem, extension = text, ""
    extension = re.sub(r"[^A-Za-z0-9]", "", extension)
    longest_stem = MAX_LENGTH - len(extension) - 1
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:longest_stem].rstrip("-._") or "file"
    return f"{stem}.{extension}" if extension else stem


def file_extension(filename: str) -> str:
    """What a reader sees behind the last dot, in lower case; "" without one."""
    visible = "".join(each for each in filename if each.isprintable()).rstrip(". ")
    _, dot, last = visible.rpartition(".")
    return last.lower() if dot and re.fullmatch(r"[A-Za-z0-9]{1,8}", last) else ""
