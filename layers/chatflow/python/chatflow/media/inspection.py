"""What is made of a file on this machine: the same judgement as everywhere, by the guide's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatflow.media.identification import identify
from chatflow.media.media_rules import on_content
from chatflow.media.profiles import GUIDE, Format
from chatflow.media.ranges import Unfit


def inspect(path: Path) -> dict[str, Any]:
    """`file`, `accepted`, and `kind` and `mime` of what is known, even if it is too large; else `reason`.

    A channel may take less than the guide. Raises OSError.
    """
    found = identify_file(path)
    rejected = on_content(GUIDE, found, path.stat().st_size)
    return {
        "file": str(path),
        "accepted": rejected is None,
        "kind": found.kind if found else "",
        "mime": found.mime if found else "",
        "reason": rejected.reason if rejected else "",
    }


def identify_file(path: Path) -> Format | Unfit:
    """The format of a file, by its content. Raises OSError."""
    with path.open("rb") as file:

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        return identify(read, path.stat().st_size)
