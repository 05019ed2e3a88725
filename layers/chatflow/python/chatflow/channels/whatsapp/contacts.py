"""Who a message is from: a phone number, or a business-scoped user id where the person hides theirs. Pure."""

from __future__ import annotations

from typing import Any

from chatflow.channels.whatsapp.untrusted import text
from chatflow.errors import InvalidInput


def address(holder: dict[str, Any], *keys: str) -> str:
    """The first of these keys that holds an address. Raises InvalidInput when none does."""
    for key in keys:
        if found := text(holder, key).strip().removeprefix("+"):
            return found
    raise InvalidInput("there is no sender")


def name_of(contact: str, contacts: list[Any]) -> str:
    """What the contact calls themself; "" when the webhook does not say.

    With one contact in the list there is no doubt, even where the two spellings of a number differ (Brazil, Mexico).
    """
    known = [each for each in contacts if isinstance(each, dict)]
    ours = [each for each in known if contact in (each.get("wa_id"), each.get("user_id"))]
    for each in ours or (known if len(contacts) == 1 else []):
        profile = each.get("profile")
        if isinstance(profile, dict) and isinstance(profile.get("name"), str):
            return text(profile, "name")
    return ""


def only_address(contacts: list[Any]) -> dict[str, Any]:
    """The one contact of a webhook that names nobody elsewhere."""
    return contacts[0] if len(contacts) == 1 and isinstance(contacts[0], dict) else {}
