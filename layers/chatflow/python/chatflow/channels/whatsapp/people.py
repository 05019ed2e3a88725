"""Reads who a webhook is about: the address to write to, the one that lasts, and a person's other addresses. Pure.

Since April 2026 every message names the sender's business-scoped user id. The number is there only while the business
may see it. A person who changes their number gets another user id, which a `system` message tells (Meta: "Business-
scoped user IDs", "System messages webhook reference", August 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from chatflow.channels.untrusted_json import text
from chatflow.channels.whatsapp.addresses import is_user_id, normalize_address
from chatflow.errors import InvalidInput
from chatflow.messages import IdentityChange

_CHANGES: Final = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})


@dataclass(frozen=True)
class Person:
    """`contact`: the address to write to. `identity`: the user id, "" where the webhook names none."""

    contact: str
    identity: str
    other_addresses: tuple[str, ...]


def read_person(update: dict[str, Any], contacts: list[Any], number_key: str, user_key: str) -> Person:
    """The person of a message or a status; `contacts` stands beside it. Raises InvalidInput when nobody is named."""
    user_here = _address(update, user_key)
    if not user_here:
        text(update, number_key)  # a sender of another shape is nobody's
    here = [_address(update, number_key), user_here]
    contact = _contact_of(here, contacts)
    beside = [_address(contact, "wa_id"), _address(contact, "user_id")]
    named = [each for each in (*here, *beside) if each]
    number = next((each for each in named if not is_user_id(each)), "")
    user = next((each for each in named if is_user_id(each)), "")
    if not (number or user):
        raise InvalidInput("nobody is named")
    parent = _address(update, f"{user_key.removesuffix('user_id')}parent_user_id") or _address(
        contact, "parent_user_id"
    )
    others = (number, _normalized(number), _username(contact), parent if is_user_id(parent) else "")
    lasting = user or number
    return Person(
        contact=number or user,
        identity=user,
        other_addresses=tuple(dict.fromkeys(each for each in others if each not in ("", lasting))),
    )


def read_change(message: dict[str, Any]) -> IdentityChange | None:
    """The change of a person's addresses that a `system` message tells.

    None for any other message, and for one that does not name the address before and the one after.
    """
    system = message.get("system")
    if message.get("type") != "system" or not isinstance(system, dict) or str(system.get("type")) not in _CHANGES:
        return None
    user, number = _address(system, "user_id"), _address(system, "wa_id") or _address(system, "new_wa_id")
    new = _addresses(user, number)
    before = (_address(system, "previous_user_id"), _address(message, "from_user_id"), _address(message, "from"))
    old = tuple(each for each in _addresses(*before) if each not in new)
    return IdentityChange(old, new, contact=number or user) if old and new else None


def _addresses(*found: str) -> tuple[str, ...]:
    """User ids, then numbers, each as it was written and in its one form."""
    users = [each for each in found if each and is_user_id(each)]
    numbers = [each for each in found if each and not is_user_id(each)]
    return tuple(dict.fromkeys((*users, *numbers, *map(_normalized, numbers))))


def _contact_of(here: list[str], contacts: list[Any]) -> dict[str, Any]:
    """The entry of `contacts` that is this person's; an empty one when that is not certain.

    The only entry is theirs, unless it names another address than the update does.
    """
    known = [each for each in contacts if isinstance(each, dict)]
    named = {_normalized(each) for each in here if each}

    def addresses(contact: dict[str, Any]) -> set[str]:
        return {_normalized(each) for key in ("wa_id", "user_id") if (each := _address(contact, key))}

    for contact in known:
        if named & addresses(contact):
            return contact
    return known[0] if len(contacts) == 1 and known and not (named and addresses(known[0])) else {}


def _address(holder: dict[str, Any], key: str) -> str:
    """An address, "" when it is missing or of another shape: what is optional must not cost the message."""
    try:
        return text(holder, key).strip().removeprefix("+")
    except InvalidInput:
        return ""


def _normalized(address: str) -> str:
    try:
        return normalize_address(address) if address else ""
    except InvalidInput:  # Meta wrote it, so it is an address
        return address


def _username(contact: dict[str, Any]) -> str:
    profile = contact.get("profile")
    for holder in (profile if isinstance(profile, dict) else {}, contact):
        if name := _address(holder, "username"):
            normalized = _normalized(f"@{name.removeprefix('@')}")
            return normalized if normalized.startswith("@") else ""
    return ""
