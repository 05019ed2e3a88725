"""Who a message is from: a phone number, or a business-scoped user id where the person hides theirs. Pure."""

from __future__ import annotations

from typing import Any

from chatflow.channels.whatsapp.untrusted import text
from chatflow.errors import InvalidInput


def address(part: dict[str, Any], contacts: list[Any], *keys: str) -> str:
    """The address under the first of these keys, else that of the webhook's only contact. Raises InvalidInput."""
    only = contacts[0] if len(contacts) == 1 and isinstance(contacts[0], dict) else {}
    for holder, key in [*((part, key) for key in keys), (only, "wa_id"), (only, "user_id")]:
        if found := text(holder, key).strip().removeprefix("+"):
            return found
    raise InvalidInput("nobody is named")


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
