"""What an asset is called: its name in flows, made once of its file's name and never changed."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"  # as flows write it; tests hold it to chatflow.flows.fields.ASSET
LONGEST: Final = 100  # characters
_LETTERS: Final = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"})


def usable(name: str) -> bool:
    """Whether flows can name an asset so."""
    return re.fullmatch(NAME, name) is not None


def made_of(filename: str) -> str:
    """The name for a file that is shown as `filename`: "Preisliste März.pdf" is "Preisliste-Marz.pdf".

    Two file names may come to the same name; then the one replaces the other.
    """
    text = unicodedata.normalize("NFKD", filename.translate(_LETTERS))
    text = "".join(each for each in text if not unicodedata.combining(each))
    stem, dot, ending = text.rpartition(".")
    if not dot:
        stem, ending = text, ""
    ending = re.sub(r"[^A-Za-z0-9]", "", ending)
    room = LONGEST - len(ending) - 1
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:room].rstrip("-._") or "file"
    return f"{stem}.{ending}" if ending else stem


def ending(filename: str) -> str:
    """What a reader sees behind the last dot, in small letters; "" without one."""
    seen = "".join(each for each in filename if each.isprintable()).rstrip(". ")
    _, dot, last = seen.rpartition(".")
    return last.lower() if dot and re.fullmatch(r"[A-Za-z0-9]{1,8}", last) else ""
