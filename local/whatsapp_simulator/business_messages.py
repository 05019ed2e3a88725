"""Messages of the business: checked against the state, shown to the customer, reported with statuses."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from local.simulator.conversations import Message
from local.simulator.media_store import Media
from local.whatsapp_simulator.contacts import new_wamid
from local.whatsapp_simulator.graph_errors import (
    LATE_CODES,
    GraphError,
    invalid_parameter,
    invalid_value,
    missing_parameter,
)
from local.whatsapp_simulator.message_rules import MEDIA_KINDS, check_message, check_message_media, check_product
from local.whatsapp_simulator.simulator import WhatsAppSimulator
from local.whatsapp_simulator.webhook_payloads import recipient_part, status_part, user_id

Json = dict[str, Any]

TYPING_SECONDS = 25
STATUS_RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4}


def send_message(simulator: WhatsAppSimulator, number_id: str, body: Json) -> Json:
    """Process a body of `POST /{phone number id}/messages`; returns Meta's answer, raises GraphError."""
    try:
        return _mark_as_read(simulator, body) if "status" in body else _send(simulator, number_id, body)
    except (AttributeError, KeyError, TypeError) as error:
        raise invalid_parameter(f"Invalid parameter: {error}") from error


def _send(simulator: WhatsAppSimulator, number_id: str, body: Json) -> Json:
    kind = check_message(body)
    wa_id = _recipient(simulator, body)
    media = _media(simulator, number_id, kind, body) if kind in MEDIA_KINDS else None
    late_error = _check_state(simulator, wa_id, kind, media)
    simulator.conversations.contact(wa_id).typing_until = 0.0
    if kind == "reaction":
        wamid = _react(simulator, wa_id, body["reaction"])
    else:
        content = message_content(kind, body[kind], media)
        reply_to = (body.get("context") or {}).get("message_id") or ""
        message = simulator.conversations.add(
            wa_id, "out", kind, id=new_wamid(wa_id), status="accepted", reply_to=reply_to, **content
        )
        tracker = body.get("biz_opaque_callback_data") or ""
        simulator.webhook_delivery.run_in_background(_report_statuses(simulator, message, tracker, late_error))
        wamid = message.id
    return {
        "messaging_product": "whatsapp",
        "contacts": [_contact_of_answer(body, wa_id)],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    }


def _recipient(simulator: WhatsAppSimulator, body: Json) -> str:
    """The recipient's number; `to` takes precedence over `recipient`, which holds a business-scoped user id."""
    if body.get("to"):
        return re.sub(r"\D", "", str(body["to"]))
    for wa_id in simulator.conversations.contacts:
        if user_id(wa_id) == body["recipient"]:
            return wa_id
    raise GraphError(131026, "Message undeliverable: no such user.")


def _contact_of_answer(body: Json, wa_id: str) -> Json:
    if body.get("to"):
        return {"input": str(body["to"]), "wa_id": wa_id}
    return {"input": body["recipient"], "user_id": body["recipient"]}


def _media(simulator: WhatsAppSimulator, number_id: str, kind: str, body: Json) -> Media | None:
    if body[kind].get("link"):
        return None
    media = simulator.media_store.find(str(body[kind]["id"]))
    if media is None or media.owner != number_id:
        raise invalid_parameter(f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID")
    return media


def _check_state(simulator: WhatsAppSimulator, wa_id: str, kind: str, media: Media | None) -> GraphError | None:
    """Raise GraphError when the state forbids the message.

    An error that the settings defer to a later status is returned instead.
    """
    now, settings = simulator.clock(), simulator.settings
    if wa_id == settings.display_phone_number:
        raise GraphError(131021, "Sender and recipient are the same.")
    contact = simulator.conversations.contacts.get(wa_id)
    if settings.pair_rate_limit and contact and not contact.rate_limit.take(now):
        raise GraphError(131056, "Too many messages sent from this phone number to the same user in a short time.")
    try:
        if media:
            check_message_media(kind, media.mime, media.size)
        if kind != "template" and (contact is None or contact.window_until < now):
            details = "Message failed to send because more than 24 hours have passed since the customer last replied."
            raise GraphError(131047, details)
    except GraphError as error:
        if settings.late_refusals and error.code in LATE_CODES:
            return error
        raise
    return None


def _react(simulator: WhatsAppSimulator, wa_id: str, reaction: Json) -> str:
    target = simulator.conversations.find(reaction["message_id"])
    if target is None or target.contact != wa_id:
        raise invalid_value("Param reaction['message_id'] is not a message of this conversation.")
    target.reaction = reaction.get("emoji") or ""
    simulator.conversations.mark_changed(target)
    return new_wamid(wa_id)


def _mark_as_read(simulator: WhatsAppSimulator, body: Json) -> Json:
    """Process a read receipt, with or without a typing indicator."""
    check_product(body)
    if body["status"] != "read":
        raise invalid_value('Param status must be one of {READ} - got "' + str(body["status"]) + '".')
    if not body.get("message_id"):
        raise missing_parameter("message_id")
    message = simulator.conversations.find(body["message_id"])
    if message is None or message.direction != "in":
        raise invalid_value("Param message_id is not a message that was received.")
    message.status = "read"
    if body.get("typing_indicator"):
        simulator.conversations.contact(message.contact).typing_until = simulator.clock() + TYPING_SECONDS
    simulator.conversations.mark_changed(message)
    return {"success": True}


async def _report_statuses(
    simulator: WhatsAppSimulator, message: Message, tracker: str, error: GraphError | None
) -> None:
    """Report the statuses of the settings one after another, or `failed` when there is an error."""
    settings = simulator.settings
    statuses = ["failed"] if error else list(settings.statuses)
    if settings.statuses_unordered:
        statuses.reverse()
    for status in statuses:
        await asyncio.sleep(settings.status_delay)
        report_status(simulator, message, status, tracker, error)


def report_status(
    simulator: WhatsAppSimulator, message: Message, status: str, tracker: str = "", error: GraphError | None = None
) -> None:
    """Report one status to the business. The status that the customer sees never moves backwards."""
    if message.direction == "out" and STATUS_RANK.get(status, 0) > STATUS_RANK.get(message.status, 0):
        message.status = status
        message.error = str(error) if error else ""
        simulator.conversations.mark_changed(message)
    contact = simulator.conversations.contact(message.contact)
    recipient = recipient_part(contact, with_user_id=simulator.settings.user_ids_in_webhooks)
    part = status_part(
        message,
        status,
        recipient,
        simulator.clock(),
        tracker=tracker,
        error=error,
        graph_major=simulator.settings.webhooks_major,
    )
    simulator.notify("statuses", part, message.contact, message.id)


def message_content(kind: str, part: Any, media: Media | None) -> Json:
    """The fields of `conversations.Message` that a checked message object fills."""
    if kind in MEDIA_KINDS:
        return _media_content(part, media)
    if kind == "interactive":
        return _interactive_content(part)
    if kind == "text":
        return {"text": part["body"]}
    if kind == "location":
        return {"location": part}
    if kind == "template":
        return {"text": f"Template “{part['name']}” ({part['language']['code']})"}
    names = [(person.get("name") or {}).get("formatted_name") or "?" for person in part]
    return {"text": "Contacts: " + ", ".join(names)}


def _media_content(part: Json, media: Media | None) -> Json:
    # The customer's app shows a document without a filename as "Untitled", whatever the name of the upload.
    content: Json = {
        "caption": part.get("caption") or "",
        "voice": bool(part.get("voice")),
        "filename": part.get("filename") or "",
    }
    if media is None:
        return content | {"link": part["link"]}
    return content | {"mime": media.mime, "size": media.size, "sha256": media.sha256_hex, "media": media.id}


def _interactive_content(part: Json) -> Json:
    action = part["action"]
    rows = [
        {
            "id": row["id"],
            "title": row["title"],
            "description": row.get("description") or "",
            "section": section.get("title") or "",
        }
        for section in action.get("sections") or []
        for row in section["rows"]
    ]
    return {
        "header": (part.get("header") or {}).get("text") or "",
        "text": part["body"]["text"],
        "footer": (part.get("footer") or {}).get("text") or "",
        "buttons": [{key: button["reply"][key] for key in ("id", "title")} for button in action.get("buttons") or []],
        "list_button": action.get("button") or "",
        "rows": rows,
    }
