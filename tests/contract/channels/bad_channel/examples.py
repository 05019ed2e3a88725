"""What the bad channel's webhooks look like: honest examples, so that it is the channel that fails."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from chatflow.channels.connections import ConnectRequest
from chatflow.messages import IncomingMedia
from tests.fakes.fetch import Reply, Request

SECRET = {"token": "a-secret-token"}
ACCOUNT = "account-1"
CONTACT = "contact-1"
MEDIA = IncomingMedia("media-1", "document")


def sign(body: bytes, secret: Mapping[str, Any]) -> dict[str, str]:
    return {"signature": hmac.new(secret["token"].encode(), body, hashlib.sha256).hexdigest()}


def handshake_query(secret: Mapping[str, Any]) -> dict[str, str]:
    return {"token": secret["token"], "challenge": "12345"}


def text_webhook(message_id: str, text: str) -> bytes:
    return json.dumps([{"id": message_id, "text": text}]).encode()


def webhook_with_a_bad_part(message_id: str) -> bytes:
    return json.dumps([{"id": message_id, "text": "hello"}, {}]).encode()


def unknown_update() -> bytes:
    return b"[{}]"


def status_webhook(message_id: str, tag: str) -> bytes:
    return json.dumps([{"id": message_id, "text": tag}]).encode()


def album(count: int) -> list[bytes]:
    return [text_webhook(f"m{at}", "") for at in range(count)]


def connect(secret: Mapping[str, Any], now: int) -> ConnectRequest:
    query = {"channel": "bad_channel", "account": ACCOUNT, "token": secret["token"]}
    return ConnectRequest(ACCOUNT, query, {}, now)


def answer(request: Request) -> Reply:
    return Reply(200, b'{"id": "1"}')


def refuse(request: Request) -> Reply:
    return Reply(400, b"refused")
