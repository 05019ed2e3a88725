"""Word of what became of a message that we sent, from Meta's words into ours. Pure."""

from __future__ import annotations

from typing import Any

from chatflow.channels.whatsapp.contacts import address
from chatflow.channels.whatsapp.incoming import CHANNEL
from chatflow.channels.whatsapp.untrusted import explanation, needed_text, rows, table, text, whole_number
from chatflow.errors import InvalidInput
from chatflow.messages import Delivery, DeliveryStatus

# A voice note that was played was read, too.
_STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}


def read_delivery(status: Any, contacts: list[Any], account: str) -> Delivery:
    """Raises InvalidInput for a status that has another shape, or that says nothing about delivery."""
    status = table(status, "status")
    known = _STATUSES.get(needed_text(status, "status"))
    if known is None or status.get("recipient_type") == "group":
        raise InvalidInput("not the delivery of one of our messages")
    code, words = _reason(status)
    return Delivery(
        message_id=needed_text(status, "id"),
        channel=CHANNEL,
        account=account,
        contact=address(status, contacts, "recipient_id", "recipient_user_id"),
        status=known,
        at=whole_number(status.get("timestamp"), "timestamp"),
        code=code,
        explanation=words,
    )


def _reason(status: dict[str, Any]) -> tuple[int, str]:
    """Meta's code and words for a failure. A failure stays a failure when its reason cannot be read."""
    try:
        error = table(rows(status.get("errors"), "errors")[0], "error")
        details = table(error.get("error_data") or {}, "error_data")
        words = text(details, "details") or text(error, "message") or text(error, "title")
        return whole_number(error.get("code"), "code"), explanation(words)
    except (IndexError, InvalidInput):
        return 0, ""
