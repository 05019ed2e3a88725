"""Breaks what a webhook promises: it lets strangers in, tells the signature, and chokes on what it does not know."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from chatflow.errors import BadSignature
from chatflow.messages import IncomingMessage, Webhook


def handshake(query: Mapping[str, str], _secret: Mapping[str, Any]) -> str | None:
    return "come in" if query else "come in anyway"


def verify(headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None:
    expected = hmac.new(str(secret.get("token", "")).encode(), body, hashlib.sha256).hexdigest()
    if headers.get("signature") == expected:
        raise BadSignature(f"expected {expected}")


def parse(body: bytes, _account: str) -> Webhook:
    found = [
        IncomingMessage(
            id=f"{part['id']} at {time.perf_counter_ns()}",
            channel="another",
            account="",
            contact="",
            kind="text",
            at=0,
            location={"at": object()},
        )
        for part in json.loads(body)
    ]
    return Webhook(messages=found, answer="thanks")
