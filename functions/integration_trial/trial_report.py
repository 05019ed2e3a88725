"""Describes a call and its response for a person: a file by its size and hash, a text in full. Pure."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from chatflow.nodes.ports import Answer, Call, Part
from integration_trial.recording import Exchange

_FILES = ("image/", "audio/", "video/", "application/pdf", "application/zip", "application/vnd.", "model/")
_TEXTUAL = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded", "+json", "+xml")


def request_report(call: Call, exchange: Exchange | None) -> dict[str, Any]:
    """The request that was sent, or that would have been sent."""
    headers = dict(exchange.headers) if exchange else {name.lower(): value for name, value in call.headers.items()}
    if exchange and exchange.length:
        headers["content-length"] = str(exchange.length)
    return {
        "method": call.method,
        "url": call.url,
        "headers": {"host": urlsplit(call.url).netloc, **headers},
        "body": call.body.decode(errors="replace") or None,
        "parts": [_part(part) for part in call.parts],
    }


def response_report(exchange: Exchange, answer: Answer | None) -> dict[str, Any]:
    """The response that came back."""
    report: dict[str, Any] = {
        "status": exchange.status,
        "headers": exchange.response_headers,
        "body": None,
        "file": None,
    }
    if answer and answer.file:
        file = answer.file
        report["file"] = {
            "filename": file.filename,
            "kind": file.kind,
            "mime": file.mime,
            "size": file.size,
            "sha256": file.sha256,
        }
    elif exchange.body and _is_text(exchange):
        report["body"] = exchange.body.decode(errors="replace")
    elif exchange.body:
        digest = hashlib.sha256(exchange.body).hexdigest()
        mime = exchange.response_headers.get("content-type", "")
        report["file"] = {"filename": "", "kind": "", "mime": mime, "size": len(exchange.body), "sha256": digest}
    return report


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


def _is_text(exchange: Exchange) -> bool:
    kind = exchange.response_headers.get("content-type", "").partition(";")[0].strip().lower()
    if any(word in kind for word in _TEXTUAL):
        return True
    if kind.startswith(_FILES):
        return False
    try:
        exchange.body.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in exchange.body
