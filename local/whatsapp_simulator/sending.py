"""A message of the business: judged against the state, shown to the customer, reported with statuses."""

from __future__ import annotations

import re
from typing import Any

from local.whatsapp_simulator.handset import Handset
from local.whatsapp_simulator.identity import user_id
from local.whatsapp_simulator.media_rules import KINDS, check_message_media
from local.whatsapp_simulator.media_shelf import Media
from local.whatsapp_simulator.message import new_wamid
from local.whatsapp_simulator.message_rules import check_message, check_product
from local.whatsapp_simulator.refusals import LATE_CODES, Refusal, bad_value, invalid, required
from local.whatsapp_simulator.shown_message import shown_content
from local.whatsapp_simulator.statuses import report_statuses

Json = dict[str, Any]

TYPING_SECONDS = 25


def send(handset: Handset, number_id: str, body: Json) -> Json:
    """Take a body of `POST /{phone number id}/messages`; returns Meta's answer, raises Refusal."""
    try:
        return _mark(handset, body) if "status" in body else _send(handset, number_id, body)
    except (AttributeError, KeyError, TypeError) as wrong:
        raise invalid(f"Invalid parameter: {wrong}") from wrong


def _send(handset: Handset, number_id: str, body: Json) -> Json:
    kind = check_message(body)
    wa_id = _recipient(handset, body)
    media = _media(handset, number_id, kind, body) if kind in KINDS else None
    late = _state_allows(handset, wa_id, kind, media)
    handset.conversations.contact(wa_id).typing_until = 0.0
    if kind == "reaction":
        wamid = _react(handset, wa_id, body["reaction"])
    else:
        content = shown_content(kind, body[kind], media)
        reply_to = (body.get("context") or {}).get("message_id") or ""
        message = handset.conversations.add(wa_id, "out", kind, status="accepted", reply_to=reply_to, **content)
        report_statuses(handset, message, tracker=body.get("biz_opaque_callback_data") or "", refusal=late)
        wamid = message.wamid
    return {
        "messaging_product": "whatsapp",
        "contacts": [_contact_of_answer(body, wa_id)],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    }


def _recipient(handset: Handset, body: Json) -> str:
    """The number that a message is for; `to` goes before `recipient`, which holds a business-scoped user id."""
    if body.get("to"):
        return re.sub(r"\D", "", str(body["to"]))
    for wa_id in handset.conversations.contacts:
        if user_id(wa_id) == body["recipient"]:
            return wa_id
    raise Refusal(131026, "Message undeliverable: no such user.")


def _contact_of_answer(body: Json, wa_id: str) -> Json:
    if body.get("to"):
        return {"input": str(body["to"]), "wa_id": wa_id}
    return {"input": body["recipient"], "user_id": body["recipient"]}


def _media(handset: Handset, number_id: str, kind: str, body: Json) -> Media | None:
    if body[kind].get("link"):
        return None
    media = handset.shelf.find(str(body[kind]["id"]))
    if media is None or media.owner != number_id:
        raise invalid(f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID")
    return media


def _state_allows(handset: Handset, wa_id: str, kind: str, media: Media | None) -> Refusal | None:
    """Raise Refusal for what the state forbids; a refusal that is to come later as a status is returned instead."""
    now = handset.clock()
    if wa_id == handset.settings.display_phone_number:
        raise Refusal(131021, "Sender and recipient are the same.")
    contact = handset.conversations.contacts.get(wa_id)
    if handset.settings.pair_rate_limit and contact and not contact.pace.allows(now):
        raise Refusal(131056, "Too many messages sent from this phone number to the same user in a short time.")
    try:
        if media:
            check_message_media(kind, media.mime, media.size)
        if kind != "template" and (contact is None or contact.window_until < now):
            details = "Message failed to send because more than 24 hours have passed since the customer last replied."
            raise Refusal(131047, details)
    except Refusal as refusal:
        if handset.settings.late_refusals and refusal.code in LATE_CODES:
            return refusal
        raise
    return None


def _react(handset: Handset, wa_id: str, reaction: Json) -> str:
    target = handset.conversations.find(reaction["message_id"])
    if target is None or target.contact != wa_id:
        raise bad_value("Param reaction['message_id'] is not a message of this conversation.")
    target.reaction = reaction.get("emoji") or ""
    handset.conversations.touch(target)
    return new_wamid(wa_id)


def _mark(handset: Handset, body: Json) -> Json:
    """A read receipt, with or without a typing indicator."""
    check_product(body)
    if body["status"] != "read":
        raise bad_value('Param status must be one of {READ} - got "' + str(body["status"]) + '".')
    if not body.get("message_id"):
        raise required("message_id")
    message = handset.conversations.find(body["message_id"])
    if message is None or message.direction != "in":
        raise bad_value("Param message_id is not a message that was received.")
    message.status = "read"
    if body.get("typing_indicator"):
        handset.conversations.contact(message.contact).typing_until = handset.clock() + TYPING_SECONDS
    handset.conversations.touch(message)
    return {"success": True}
