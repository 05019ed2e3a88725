"""The webhook's side of Meta's protocol: answers the handshake, verifies the signature, parses a POST. Pure.

Meta delivers at least once, in no order, up to a thousand updates in one POST, and repeats a delivery for seven days
until it gets a 200. So an update that is not understood must cost neither the others nor the delivery.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from chatflow.channels.untrusted_json import (
    json_list,
    json_object,
    loggable_word,
    required_text,
    whole_number,
)
from chatflow.channels.whatsapp.updates import read_delivery, read_echo, read_message
from chatflow.errors import BadSignature, InvalidInput
from chatflow.messages import Webhook
from chatflow.strict_json import strict_json

_SIGNATURE = "x-hub-signature-256"
_ECHOES = "smb_message_echoes"  # the field that reports what a person wrote by hand, in the WhatsApp Business app


def handshake(query: Mapping[str, str], secret: Mapping[str, Any]) -> str | None:
    """The challenge to answer with when the caller knows our verify token; None otherwise."""
    given = query.get("hub.verify_token", "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(token.encode(), given) for token in _valid(secret, "verify_token")]
    if query.get("hub.mode") != "subscribe" or not any(matches):
        return None
    return query.get("hub.challenge") or None


def verify(headers: Mapping[str, str], body: bytes, secret: Mapping[str, Any]) -> None:
    """Verify the signature of the raw body. Header names are lower case. Raises BadSignature, which reveals nothing."""
    given = headers.get(_SIGNATURE, "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(_signature(key, body), given) for key in _valid(secret, "app_secret")]
    if not any(matches):
        raise BadSignature("the webhook is not signed with this app's secret")


def _valid(secret: Mapping[str, Any], field: str) -> list[str]:
    """The values that the secret's field accepts: one text, or during a rotation a list of the new and the old one.

    An empty text is never accepted.
    """
    value = secret.get(field)
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each]


def _signature(key: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest().encode()


def parse(body: bytes, _account: str = "") -> Webhook:
    """Parse one POST, whose changes name their accounts. Raises InvalidInput when it is no webhook of WhatsApp."""
    webhook = Webhook()
    for entry in _entries(body):
        try:
            changes = json_list(json_object(entry, "entry").get("changes"), "changes")
        except InvalidInput:
            webhook.skipped.append("entry")
            continue
        for change in changes:
            _read_change(change, webhook)
    return webhook


def _entries(body: bytes) -> list[Any]:
    try:
        document = json_object(strict_json(body), "the webhook")
        if document.get("object") != "whatsapp_business_account":
            raise InvalidInput("the webhook is not about a WhatsApp business account")
        return json_list(document["entry"], "entry")
    except (ValueError, KeyError):
        raise InvalidInput("the webhook is not JSON of the documented shape") from None


def _read_change(change: Any, webhook: Webhook) -> None:
    try:
        field = loggable_word(json_object(change, "change").get("field"))
        if field not in ("messages", _ECHOES):
            webhook.skipped.append(f"change:{field}")
            return
        value = json_object(change.get("value"), "value")
        account = required_text(json_object(value.get("metadata"), "metadata"), "phone_number_id")
    except InvalidInput:
        webhook.skipped.append("change")
        return
    keys = ("message_echoes",) if field == _ECHOES else ("messages", "statuses", "errors")
    parts = {key: _part(value, key, webhook) for key in ("contacts", *keys)}
    for echo in parts.get("message_echoes", ()):
        try:
            webhook.echoes.append(read_echo(echo, parts["contacts"], account))
        except InvalidInput:
            webhook.skipped.append(f"echo:{_kind(echo, 'type')}")
    for message in parts.get("messages", ()):
        try:
            webhook.messages.append(read_message(message, parts["contacts"], account))
        except InvalidInput:
            webhook.skipped.append(f"message:{_kind(message, 'type')}")
    for status in parts.get("statuses", ()):
        try:
            webhook.deliveries.append(read_delivery(status, parts["contacts"], account))
        except InvalidInput:
            webhook.skipped.append(f"status:{_kind(status, 'status')}")
    webhook.skipped.extend(f"error:{_code(error)}" for error in parts.get("errors", ()))


def _part(value: dict[str, Any], key: str, webhook: Webhook) -> list[Any]:
    """A list of the change; one of another shape costs no other part of the change."""
    try:
        return json_list(value.get(key), key)
    except InvalidInput:
        webhook.skipped.append(f"change:{key}")
        return []


def _kind(update: Any, key: str) -> str:
    return loggable_word(update.get(key)) if isinstance(update, dict) else "unknown"


def _code(error: Any) -> int | str:
    try:
        return whole_number(json_object(error, "error").get("code"), "code")
    except InvalidInput:
        return "unknown"
