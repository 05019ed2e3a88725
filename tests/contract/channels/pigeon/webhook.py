"""Verifies a whistle and reads one letter. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from chatflow.channels.untrusted_json import json_object, optional_text, required_text, whole_number
from chatflow.errors import BadSignature, InvalidInput
from chatflow.messages import IncomingMedia, IncomingMessage, Webhook
from chatflow.strict_json import strict_json


def verify(headers: Mapping[str, str], _body: bytes, secret: Mapping[str, Any]) -> None:
    given = headers.get("x-whistle", "").encode("utf-8", "replace")
    whistle = secret.get("whistle")
    if not isinstance(whistle, str) or not whistle or not hmac.compare_digest(whistle.encode(), given):
        raise BadSignature("the letter came with another whistle")


def parse(body: bytes, account: str) -> Webhook:
    try:
        letter = json_object(strict_json(body), "the letter")
    except ValueError:
        raise InvalidInput("the letter is no JSON") from None
    webhook = Webhook()
    if "text" not in letter:
        webhook.skipped.append("letter")
        return webhook
    message = IncomingMessage(
        id=required_text(letter, "id"),
        channel="pigeon",
        account=account,
        contact=required_text(letter, "from"),
        kind="media" if letter.get("parcel") else "text",
        at=whole_number(letter.get("at"), "at"),
        text=optional_text(letter, "text"),
        media=IncomingMedia(required_text(letter, "parcel"), "document") if letter.get("parcel") else None,
    )
    webhook.messages.append(message)
    return webhook
