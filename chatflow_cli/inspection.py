"""What Chatflow makes of one file on this machine, by the same judgement as everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatflow.media import verdict
from chatflow.media.identification import identify
from chatflow.media.profiles import GUIDE


def inspected(file: Path) -> dict[str, Any]:
    """`reason` is empty when the file is accepted; it is judged by the guide's table, which a channel may narrow."""
    size = file.stat().st_size
    with file.open("rb") as opened:

        def read(offset: int, length: int) -> bytes:
            opened.seek(offset)
            return opened.read(length)

        found = identify(read, size)
    rejected = verdict.on_content(GUIDE, found, size)
    return {
        "file": str(file),
        "accepted": rejected is None,
        "kind": found.kind if found else "",
        "mime": found.mime if found else "",
        "reason": rejected.reason if rejected else "",
    }
