"""Shows a letter at once to whoever watches the sky with a ticket, which is signed with the whistle. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from chatflow.channels.connections import ConnectRequest
from chatflow.errors import BadSignature

TICKET_SECONDS = 300


def admit(request: ConnectRequest, secret: Mapping[str, Any]) -> str:
    contact, until, given = (request.query.get(name, "") for name in ("contact", "until", "ticket"))
    whistle = secret.get("whistle")
    if not isinstance(whistle, str) or not whistle:
        raise BadSignature("the loft has no whistle")
    if not hmac.compare_digest(ticket(contact, until, whistle).encode(), given.encode("utf-8", "replace")):
        raise BadSignature("the ticket is not from this loft")
    if not 0 < int(until) - request.now <= TICKET_SECONDS:
        raise BadSignature("the ticket is too old")
    return contact


def ticket(contact: str, until: str, whistle: str) -> str:
    text = f"{until} {contact}".encode("utf-8", "replace")
    return hmac.new(whistle.encode(), text, hashlib.sha256).hexdigest()
