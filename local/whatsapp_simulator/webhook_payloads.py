"""Meta's webhook bodies, built from parts (shapes of OpenAPI v23.0 and the webhook reference).

A customer is identified by a phone number and a business-scoped user id (BSUID). Since April 2026 every webhook carries
the BSUID; the webhooks of a customer with a username carry no number.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from local.whatsapp_simulator.conversations import Message
from local.whatsapp_simulator.graph_errors import GraphError
from local.whatsapp_simulator.media_store import Media
from local.whatsapp_simulator.settings import Settings

Json = dict[str, Any]

# The dialling codes that a demonstration needs; a BSUID begins with the country.
COUNTRIES = {"44": "GB", "49": "DE", "33": "FR", "34": "ES", "39": "IT", "55": "BR", "27": "ZA", "91": "IN", "1": "US"}

UNSUPPORTED_ERROR: Json = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}


@dataclass(frozen=True)
class Notification:
    """One update to report: `payload` is a message or a status, `wamid` the message that it is about."""

    field: str  # messages | statuses | message_echoes
    payload: Json
    contact: Json  # an element of `contacts`
    wamid: str


def webhook_body(settings: Settings, notifications: list[Notification]) -> bytes:
    """The bytes of one POST with these notifications in one entry: messages, statuses and echoes in a change each.

    Meta escapes all characters beyond ASCII and every slash, so serialising the parsed body again breaks the signature.
    """
    changes = []
    for field in ("messages", "statuses", "message_echoes"):
        selected = [notification for notification in notifications if notification.field == field]
        if selected:
            # A failed status carries no contact, and no echo does.
            with_contact = [] if field == "message_echoes" else selected
            contacts = [each.contact for each in with_contact if each.payload.get("status") != "failed"]
            unique = [contact for index, contact in enumerate(contacts) if contact not in contacts[:index]]
            value = {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": settings.display_phone_number,
                    "phone_number_id": settings.phone_number_id,
                },
                **({"contacts": unique} if unique else {}),
                field: [notification.payload for notification in selected],
            }
            subscribed = "smb_message_echoes" if field == "message_echoes" else "messages"
            changes.append({"value": value, "field": subscribed})
    envelope = {
        "object": "whatsapp_business_account",
        "entry": [{"id": settings.business_account_id, "changes": changes}],
    }
    return json.dumps(envelope, separators=(",", ":")).replace("/", "\\/").encode()


def signature(app_secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`: HMAC-SHA256 over the raw body, keyed with the app secret."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def user_id(wa_id: str) -> str:
    """The BSUID of a number: the country, a dot, and digits that do not reveal the number."""
    country = next((name for code, name in COUNTRIES.items() if wa_id.startswith(code)), "US")
    return f"{country}.{int(hashlib.sha256(wa_id.encode()).hexdigest(), 16) % 10**20:020d}"


def contact_part(wa_id: str, name: str, username: str, *, with_user_id: bool) -> Json:
    """An element of `contacts` in a webhook."""
    part: Json = {"profile": {"name": name} | ({"username": username} if username else {})}
    if not username:
        part["wa_id"] = wa_id
    if with_user_id or username:
        part["user_id"] = user_id(wa_id)
    return part


def sender_part(wa_id: str, username: str, *, with_user_id: bool) -> Json:
    """The fields of a message that identify its sender."""
    part = {} if username else {"from": wa_id}
    return part | ({"from_user_id": user_id(wa_id)} if with_user_id or username else {})


def recipient_part(wa_id: str, username: str, *, with_user_id: bool) -> Json:
    """The fields of a status that identify the recipient of the message."""
    part = {} if username else {"recipient_id": wa_id}
    return part | ({"recipient_user_id": user_id(wa_id)} if with_user_id or username else {})


def addressee_part(wa_id: str, username: str, *, with_user_id: bool) -> Json:
    """The fields of an echo that identify the customer. Meta documents `to`; partners show `to_user_id` beside it."""
    part = {} if username else {"to": wa_id}
    return part | ({"to_user_id": user_id(wa_id)} if with_user_id or username else {})


def media_part(media: Media, url: str, *, kind: str, caption: str = "", voice: bool = False) -> Json:
    """The media object of an incoming message. The hash is base64 here and hex in a lookup."""
    part: Json = {}
    if kind == "document":
        part["filename"] = media.filename
    if caption and kind in ("image", "video", "document"):
        part["caption"] = caption
    part |= {"mime_type": media.mime, "sha256": media.sha256_base64, "id": media.id}
    if url:
        part["url"] = url
    if kind == "audio":
        part["voice"] = voice
    if kind == "sticker":
        part["animated"] = False
    return part


def status_part(
    message: Message,
    status: str,
    recipient: Json,
    now: float,
    *,
    tracker: str = "",
    error: GraphError | None = None,
    graph_major: int = 26,
) -> Json:
    """An element of `statuses`: the delivery status of a message of the business. `now` is in seconds.

    From v24.0 on there is no `conversation` in it (Meta: "Status messages webhook reference").
    """
    part: Json = {"id": message.wamid, "status": status, "timestamp": str(int(now)), **recipient}
    if error:
        part["errors"] = [error.as_webhook_error()]
    else:
        if graph_major < 24:
            conversation = hashlib.md5(message.contact.encode(), usedforsecurity=False).hexdigest()
            part["conversation"] = {"id": conversation, "origin": {"type": "service"}}
        part["pricing"] = {"billable": False, "pricing_model": "PMP", "category": "service"}
    if tracker:
        part["biz_opaque_callback_data"] = tracker
    return part
