"""What Meta asks of a webhook: the handshake, the signature, and reading what a POST carries. Pure.

Meta delivers at least once, in no order, up to a thousand updates in one POST, and again for seven days until it gets
a 200. So one part that is not understood must cost neither the others nor the delivery.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from chatflow.channels.whatsapp.deliveries import read_delivery
from chatflow.channels.whatsapp.incoming import read_message
from chatflow.channels.whatsapp.untrusted import needed_text, rows, table, whole_number, word
from chatflow.errors import BadSignature, InvalidInput
from chatflow.messages import Webhook
from chatflow.strict_json import strict_json

_SIGNATURE = "x-hub-signature-256"


def handshake(query: Mapping[str, str], secret: Mapping[str, Any]) -> str | None:
    """The challenge to answer with, when the caller knows our verify token; None otherwise."""
    given = query.get("hub.verify_token", "").encode("utf-8", "replace")
    known = [hmac.compare_digest(token.encode(), given) for token in _valid(secret, "verify_token")]
    if query.get("hub.mode") != "subscribe" or not any(known):
        return None
    return query.get("hub.challenge") or None


def verify(headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None:
    """Check the signature over the raw body (header names are lower case). Raises BadSignature, which tells nothing."""
    given = headers.get(_SIGNATURE, "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(_signature(key, body), given) for key in _valid(secret, "app_secret")]
    if not any(matches):
        raise BadSignature("the webhook is not signed with this app's secret")


def _valid(secret: Mapping[str, Any], field: str) -> list[str]:
    """What the field accepts: one text, or during a rotation a list of the new and the old one. Never an empty one."""
    held = secret.get(field)
    return [each for each in (held if isinstance(held, list) else [held]) if isinstance(each, str) and each]


def _signature(key: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest().encode()


def parse(body: bytes) -> Webhook:
    """Read everything in one POST. Raises InvalidInput when it is no webhook of WhatsApp at all."""
    found = Webhook()
    for entry in _entries(body):
        try:
            changes = rows(table(entry, "entry").get("changes"), "changes")
        except InvalidInput:
            found.skipped.append("entry")
            continue
        for change in changes:
            _read_change(change, found)
    return found


def _entries(body: bytes) -> list[Any]:
    try:
        document = table(strict_json(body), "the webhook")
        if document.get("object") != "whatsapp_business_account":
            raise InvalidInput("the webhook is not about a WhatsApp business account")
        return rows(document["entry"], "entry")
    except (ValueError, KeyError):
        raise InvalidInput("the webhook is not JSON of the documented shape") from None


def _read_change(change: Any, found: Webhook) -> None:
    try:
        field = word(table(change, "change").get("field"))
        if field != "messages":
            found.skipped.append(f"change:{field}")
            return
        value = table(change.get("value"), "value")
        account = needed_text(table(value.get("metadata"), "metadata"), "phone_number_id")
        parts = {key: rows(value.get(key), key) for key in ("contacts", "messages", "statuses", "errors")}
    except InvalidInput:
        found.skipped.append("change")
        return
    for message in parts["messages"]:
        try:
            found.messages.append(read_message(message, parts["contacts"], account))
        except InvalidInput:
            found.skipped.append(f"message:{_kind(message, 'type')}")
    for status in parts["statuses"]:
        try:
            found.deliveries.append(read_delivery(status, parts["contacts"], account))
        except InvalidInput:
            found.skipped.append(f"status:{_kind(status, 'status')}")
    found.skipped.extend(f"error:{_code(error)}" for error in parts["errors"])


def _kind(part: Any, key: str) -> str:
    return word(part.get(key)) if isinstance(part, dict) else "unknown"


def _code(error: Any) -> int | str:
    try:
        return whole_number(table(error, "error").get("code"), "code")
    except InvalidInput:
        return "unknown"
