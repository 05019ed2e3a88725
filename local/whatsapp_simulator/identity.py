"""By what a customer is known to the business: a phone number, a business-scoped user id (BSUID), or only the latter.

Since April 2026 every webhook carries the BSUID; a customer who took a username is without a number in it.
"""

from __future__ import annotations

import hashlib
from typing import Any

# Enough of the dialling codes for the contacts of a demonstration; the country is the first part of a BSUID.
COUNTRIES = {"44": "GB", "49": "DE", "33": "FR", "34": "ES", "39": "IT", "55": "BR", "27": "ZA", "91": "IN", "1": "US"}

Json = dict[str, Any]


def user_id(wa_id: str) -> str:
    """The BSUID of a number: the country, a dot, and digits that do not tell the number."""
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
    """How a message names its sender."""
    part = {} if username else {"from": wa_id}
    return part | ({"from_user_id": user_id(wa_id)} if with_user_id or username else {})


def recipient_part(wa_id: str, username: str, *, with_user_id: bool) -> Json:
    """How a status names who the message was for."""
    part = {} if username else {"recipient_id": wa_id}
    return part | ({"recipient_user_id": user_id(wa_id)} if with_user_id or username else {})
