"""Serializes the answer of an API call for its effect record, so that a repeated visit need not call again."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Answer


def serialize_answer(answer: Answer) -> dict[str, Any]:
    """JSON of at most some 350 KB: a body has at most 256 KB, and a DynamoDB item at most 400 KB."""
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": base64.b64encode(zlib.compress(answer.body)).decode() if answer.body else "",
        "file": answer.file.to_json() if answer.file else None,
        "attempts": answer.attempts,
        "milliseconds": answer.milliseconds,
    }


def deserialize_answer(stored: dict[str, Any]) -> Answer:
    """The inverse of `serialize_answer`."""
    return Answer(
        status=stored["status"],
        headers=stored["headers"],
        body=zlib.decompress(base64.b64decode(stored["body"])) if stored["body"] else b"",
        file=MediaReference.from_json(stored["file"]) if stored["file"] else None,
        attempts=stored["attempts"],
        milliseconds=stored["milliseconds"],
    )
