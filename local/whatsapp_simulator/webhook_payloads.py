"""Meta's webhook bodies, built from parts (shapes of OpenAPI v23.0 and the webhook reference).

A customer is identified by a phone number and a business-scoped user id (BSUID). Since April 2026 every webhook carries
the BSUID; the webhooks of a customer who hides the number carry no number.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from local.simulator.conversations import Message
from local.simulator.media_store import Media
from local.whatsapp_simulator.contacts import WhatsAppContact
from local.whatsapp_simulator.graph_errors import GraphError
from local.whatsapp_simulator.graph_media import sha256_base64
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
            # A failed status carries no contact, nor do an echo and a `system` message.
            with_contact = [
                each
                for each in selected
                if field != "message_echoes"
                and each.payload.get("status") != "failed"
                and each.payload.get("type") != "system"
            ]
            contacts = [each.contact for each in with_contact]
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


def contact_part(contact: WhatsAppContact, *, with_user_id: bool) -> Json:
    """An element of `contacts` in a webhook."""
    profile = {"name": contact.name} | ({"username": contact.username} if contact.username else {})
    return {"profile": profile, **_addresses(contact, "wa_id", "user_id", with_user_id=with_user_id)}


def sender_part(contact: WhatsAppContact, *, with_user_id: bool) -> Json:
    """The fields of a message that identify its sender."""
    return _addresses(contact, "from", "from_user_id", with_user_id=with_user_id)


def recipient_part(contact: WhatsAppContact, *, with_user_id: bool) -> Json:
    """The fields of a status that identify the recipient of the message."""
    return _addresses(contact, "recipient_id", "recipient_user_id", with_user_id=with_user_id)


def _addresses(contact: WhatsAppContact, number_key: str, user_key: str, *, with_user_id: bool) -> Json:
    part = {} if contact.number_hidden else {number_key: contact.id}
    return part | ({user_key: user_id(contact.id)} if with_user_id or contact.number_hidden else {})


def change_part(old: WhatsAppContact, new: WhatsAppContact) -> Json:
    """The content of a `system` message: the number changed, and the user id with it. A hidden number is not told."""
    part: Json = {"user_id": user_id(new.id), "previous_user_id": user_id(old.id)}
    if new.number_hidden:
        return part | {"type": "user_changed_user_id", "body": f"User {old.name} changed"}
    body = f"User {old.name} changed from {old.id} to {new.id}"
    return part | {"type": "user_changed_number", "wa_id": new.id, "body": body}


def addressee_part(contact: WhatsAppContact, *, with_user_id: bool) -> Json:
    """The fields of an echo that identify the customer. Meta documents `to`; partners show `to_user_id` beside it."""
    return _addresses(contact, "to", "to_user_id", with_user_id=with_user_id)


def media_part(media: Media, url: str, *, kind: str, caption: str = "", voice: bool = False) -> Json:
    """The media object of an incoming message. The hash is base64 here and hex in a lookup."""
    part: Json = {}
    if kind == "document":
        part["filename"] = media.filename
    if caption and kind in ("image", "video", "document"):
        part["caption"] = caption
    part |= {"mime_type": media.mime, "sha256": sha256_base64(media), "id": media.id}
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
    part: Json = {"id": message.id, "status": status, "timestamp": str(int(now)), **recipient}
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
