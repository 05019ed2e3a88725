"""Translates one update of a webhook, a message, an echo or a delivery status, from Meta's JSON into ours. Pure.

`contents` reads what a message holds. Here is what every update has: who, when, which message.
"""

from __future__ import annotations

from typing import Any

from chatflow.channels.untrusted_json import (
    json_list,
    json_object,
    loggable_explanation,
    optional_text,
    required_text,
    text,
    whole_number,
)
from chatflow.channels.whatsapp.contents import read_content, read_context
from chatflow.channels.whatsapp.failure_reasons import failure_reason
from chatflow.channels.whatsapp.people import read_change, read_person
from chatflow.errors import InvalidInput
from chatflow.messages import Delivery, DeliveryStatus, IncomingMessage

CHANNEL = "whatsapp"
_LONGEST_ID = 512  # characters; Meta's ids have about sixty, and a key of the table ends at 2 KB
# A voice note that was played was read, too.
_STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}


def read_message(message: Any, contacts: list[Any], account: str) -> IncomingMessage:
    """A customer's message. `contacts` is the list that Meta sends beside the messages.

    Raises InvalidInput for a message that lacks what every message has.
    """
    message = json_object(message, "message")
    if message.get("group_id"):
        raise InvalidInput("a message in a group is not addressed to a flow")
    change = read_change(message)
    # A `system` message may name its sender only as the one who they were.
    known = {"from_user_id": change.old[0]} if change else {}
    person = read_person({**known, **message}, contacts, "from", "from_user_id")
    return IncomingMessage(
        id=required_text(message, "id"),
        channel=CHANNEL,
        account=account,
        contact=person.contact,
        at=whole_number(message.get("timestamp"), "timestamp"),
        name=_name(person.contact, contacts),
        identity=person.identity,
        other_addresses=person.other_addresses,
        change=change,
        **read_context(message),
        **read_content(message),
    )


def read_echo(echo: Any, contacts: list[Any], account: str) -> IncomingMessage:
    """A message that a person of the business wrote by hand, in the WhatsApp Business app or on a linked device.

    Meta reports these, and never what was sent through the API, under the field `smb_message_echoes`; `to` is the
    customer (developers.facebook.com, webhooks/reference/smb_message_echoes, 21 May 2026). Whatever its content, it
    shows that a person talks to the customer. Raises InvalidInput for an echo that lacks what every message has.
    """
    echo = json_object(echo, "echo")
    if echo.get("group_id") or echo.get("recipient_type") == "group":
        raise InvalidInput("a message to a group is not addressed to a customer of a flow")
    try:
        content = read_content(echo)
    except InvalidInput:  # it has no type
        content = {"kind": "other", "other": "unknown"}
    person = read_person(echo, contacts, "to", "to_user_id")
    return IncomingMessage(
        id=required_text(echo, "id"),
        channel=CHANNEL,
        account=account,
        contact=person.contact,
        identity=person.identity,
        other_addresses=person.other_addresses,
        at=whole_number(echo.get("timestamp"), "timestamp"),
        **content,
    )


def read_delivery(status: Any, contacts: list[Any], account: str) -> Delivery:
    """The delivery status of a message that we sent.

    Raises InvalidInput for a status of another shape, and for one that says nothing about delivery.
    """
    status = json_object(status, "status")
    known = _STATUSES.get(required_text(status, "status"))
    if known is None or status.get("recipient_type") == "group":
        raise InvalidInput("not the delivery of one of our messages")
    if len(required_text(status, "id")) > _LONGEST_ID:
        raise InvalidInput("an id that WhatsApp gives no message")
    code, explanation = _failure(status)
    person = read_person(status, contacts, "recipient_id", "recipient_user_id")
    return Delivery(
        message_id=required_text(status, "id"),
        channel=CHANNEL,
        account=account,
        contact=person.contact,
        status=known,
        at=whole_number(status.get("timestamp"), "timestamp"),
        code=code or 0,
        explanation=explanation,
        reason=failure_reason(code) if known == "failed" else "",
        tag=_tag(status),
        identity=person.identity,
    )


def _name(contact: str, contacts: list[Any]) -> str:
    """The name that the contact chose for themself; "" when the webhook holds none.

    With one contact in the list there is no doubt, even where the two spellings of a number differ (Brazil, Mexico).
    """
    known = [each for each in contacts if isinstance(each, dict)]
    matching = [each for each in known if contact in (each.get("wa_id"), each.get("user_id"))]
    for each in matching or (known if len(contacts) == 1 else []):
        profile = each.get("profile")
        if isinstance(profile, dict) and isinstance(profile.get("name"), str):
            return optional_text(profile, "name")
    return ""


def _failure(status: dict[str, Any]) -> tuple[int | None, str]:
    """Meta's code and explanation of a failure. A failure stays a failure when they cannot be read."""
    try:
        error = json_object(json_list(status.get("errors"), "errors")[0], "error")
        details = json_object(error.get("error_data") or {}, "error_data")
        explanation = text(details, "details") or text(error, "message") or text(error, "title")
        return whole_number(error.get("code"), "code"), loggable_explanation(explanation)
    except (IndexError, InvalidInput):
        return None, ""


def _tag(status: dict[str, Any]) -> str:
    """The tag that we gave the message. A status that holds none, or something else there, is a status all the same."""
    tag = status.get("biz_opaque_callback_data")
    return tag if isinstance(tag, str) else ""
