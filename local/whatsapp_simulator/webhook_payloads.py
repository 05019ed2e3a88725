"""Meta's webhook bodies, built from parts (shapes of OpenAPI v23.0 and the webhook reference)."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from local.whatsapp_simulator.media_shelf import Media
from local.whatsapp_simulator.message import Message
from local.whatsapp_simulator.refusals import Refusal
from local.whatsapp_simulator.settings import Settings

Json = dict[str, Any]

UNSUPPORTED_ERROR = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}


@dataclass(frozen=True)
class Notice:
    """One thing to report: `part` is a message or a status, `wamid` the message that it is about."""

    field: str  # messages | statuses
    part: Json
    contact: Json  # an element of `contacts`
    wamid: str


def webhook_body(settings: Settings, notices: list[Notice]) -> bytes:
    """The bytes of one POST that reports these notices, in one entry; messages and statuses in a change each.

    Meta escapes everything beyond ASCII and every slash, so re-serialising the parsed body breaks the signature.
    """
    changes = []
    for field in ("messages", "statuses"):
        chosen = [notice for notice in notices if notice.field == field]
        if chosen:
            # A failed status comes without its contact.
            people = [notice.contact for notice in chosen if notice.part.get("status") != "failed"]
            different = [person for number, person in enumerate(people) if person not in people[:number]]
            value = {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": settings.display_phone_number,
                    "phone_number_id": settings.phone_number_id,
                },
                **({"contacts": different} if different else {}),
                field: [notice.part for notice in chosen],
            }
            changes.append({"value": value, "field": "messages"})
    envelope = {
        "object": "whatsapp_business_account",
        "entry": [{"id": settings.business_account_id, "changes": changes}],
    }
    return json.dumps(envelope, separators=(",", ":")).replace("/", "\\/").encode()


def signature(app_secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`: HMAC-SHA256 over the raw body, keyed with the app secret."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def media_part(media: Media, address: str, *, kind: str, caption: str = "", voice: bool = False) -> Json:
    """The media object of an incoming message; the hash is base64 here and hex in a lookup."""
    part: Json = {}
    if kind == "document":
        part["filename"] = media.filename
    if caption and kind in ("image", "video", "document"):
        part["caption"] = caption
    part |= {"mime_type": media.mime, "sha256": media.base64, "id": media.id}
    if address:
        part["url"] = address
    if kind == "audio":
        part["voice"] = voice
    if kind == "sticker":
        part["animated"] = False
    return part


def status_part(
    message: Message, status: str, recipient: Json, now: float, *, tracker: str = "", refusal: Refusal | None = None
) -> Json:
    """An element of `statuses`: word of what became of a message of the business."""
    part: Json = {"id": message.wamid, "status": status, "timestamp": str(int(now)), **recipient}
    if refusal:
        part["errors"] = [refusal.as_webhook_error()]
    else:
        conversation = hashlib.md5(message.contact.encode(), usedforsecurity=False).hexdigest()
        part["conversation"] = {"id": conversation, "origin": {"type": "service"}}
        part["pricing"] = {"billable": False, "pricing_model": "PMP", "category": "service"}
    if tracker:
        part["biz_opaque_callback_data"] = tracker
    return part
