"""The answer of an API call as its effect record keeps it: a repeated visit reads it instead of calling again."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer


def to_keep(answer: Answer) -> dict[str, Any]:
    """JSON of at most some 350 KB: a body is never longer than 256 KB, and an item ends at 400."""
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": base64.b64encode(zlib.compress(answer.body)).decode() if answer.body else "",
        "file": answer.file.to_json() if answer.file else None,
        "attempts": answer.attempts,
        "milliseconds": answer.milliseconds,
    }


def from_kept(kept: dict[str, Any]) -> Answer:
    """The answer again."""
    return Answer(
        status=kept["status"],
        headers=kept["headers"],
        body=zlib.decompress(base64.b64decode(kept["body"])) if kept["body"] else b"",
        file=MediaReference.from_json(kept["file"]) if kept["file"] else None,
        attempts=kept["attempts"],
        milliseconds=kept["milliseconds"],
    )
