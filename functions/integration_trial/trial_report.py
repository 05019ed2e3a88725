"""A call and its answer, as a person may read them: of a file its size and hash, of a text all of it. Pure."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from chatflow.nodes.ports import Answer, Call, Part
from integration_trial.recording import Exchange

_FILES = ("image/", "audio/", "video/", "application/pdf", "application/zip", "application/vnd.", "model/")
_TEXTUAL = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded", "+json", "+xml")


def told_request(call: Call, sent: Exchange | None) -> dict[str, Any]:
    """What was sent; what would have been when nothing was."""
    headers = dict(sent.headers) if sent else {name.lower(): value for name, value in call.headers.items()}
    if sent and sent.length:
        headers["content-length"] = str(sent.length)
    return {
        "method": call.method,
        "url": call.url,
        "headers": {"host": urlsplit(call.url).netloc, **headers},
        "body": call.body.decode(errors="replace") or None,
        "parts": [_part(part) for part in call.parts],
    }


def told_response(came: Exchange, answer: Answer | None) -> dict[str, Any]:
    """What came back."""
    told: dict[str, Any] = {"status": came.status, "headers": came.answered, "body": None, "file": None}
    if answer and answer.file:
        file = answer.file
        told["file"] = {
            "filename": file.filename,
            "kind": file.kind,
            "mime": file.mime,
            "size": file.size,
            "sha256": file.sha256,
        }
    elif came.body and _is_text(came):
        told["body"] = came.body.decode(errors="replace")
    elif came.body:
        digest = hashlib.sha256(came.body).hexdigest()
        mime = came.answered.get("content-type", "")
        told["file"] = {"filename": "", "kind": "", "mime": mime, "size": len(came.body), "sha256": digest}
    return told


def _part(part: Part) -> dict[str, Any]:
    if part.file is None:
        return {"name": part.name, "value": part.value}
    file = part.file
    return {
        "name": part.name,
        "filename": file.filename,
        "mime": file.mime,
        "size": file.size,
        "sha256": file.sha256,
    }


def _is_text(came: Exchange) -> bool:
    kind = came.answered.get("content-type", "").partition(";")[0].strip().lower()
    if any(word in kind for word in _TEXTUAL):
        return True
    if kind.startswith(_FILES):
        return False
    try:
        came.body.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in came.body
