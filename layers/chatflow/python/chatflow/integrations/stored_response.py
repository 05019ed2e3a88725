"""Serializes the answer of an API call for its effect record, so that a repeated visit need not call again."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from chatflow.errors import Unreadable
from chatflow.nodes.ports import Answer
from chatflow.tolerant_reader import read


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
    """The inverse of `serialize_answer`, for the answers of any release. Raises Unreadable."""
    try:
        body = zlib.decompress(base64.b64decode(stored["body"])) if stored.get("body") else b""
    except (ValueError, TypeError, zlib.error):
        raise Unreadable("the stored answer of an API call cannot be read: its body is damaged") from None
    return read(Answer, {**stored, "body": body}, "the stored answer of an API call")
