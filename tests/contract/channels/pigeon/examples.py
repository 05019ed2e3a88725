"""What pigeons bring, for the contract."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from chatflow.channels.connections import ConnectRequest
from chatflow.messages import IncomingMedia
from tests.contract.channels.channel_under_test import FILE
from tests.fakes.fetch import Reply, Request

SECRET = {"loft": "17", "whistle": "a-whistle-that-pigeons-know", "token": "a-token-on-a-ring"}
ACCOUNT = "17"
CONTACT = "dovecote"
MEDIA = IncomingMedia("parcel-1", "document")


def sign(_body: bytes, secret: Mapping[str, Any]) -> dict[str, str]:
    return {"x-whistle": secret["whistle"]}


def text_webhook(message_id: str, text: str) -> bytes:
    return json.dumps({"id": message_id, "from": CONTACT, "at": 1_744_344_496, "text": text}).encode()


def unknown_update() -> bytes:
    return b'{"moulting": true}'


def connect(secret: Mapping[str, Any], now: int) -> ConnectRequest:
    until, whistle = str(now + 60), secret["whistle"]
    text = f"{until} {CONTACT}".encode()
    ticket = hmac.new(whistle.encode(), text, hashlib.sha256).hexdigest()
    query = {"channel": "pigeon", "account": ACCOUNT, "contact": CONTACT, "until": until, "ticket": ticket}
    return ConnectRequest(ACCOUNT, query, {}, now)


def answer(request: Request) -> Reply:
    if request.path.endswith("/loft"):
        return Reply(200, b'{"name": "Loft 17"}')
    if request.method == "GET":
        return Reply(200, FILE)
    return Reply(200, b'{"id": "ring-1"}')


def refuse(_request: Request) -> Reply:
    return Reply(400, b"refused")
