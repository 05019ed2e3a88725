"""Addresses of people on Telegram: the id of their private chat, which is the id of the user, and usernames. Pure.

The id lasts. It begins as soon as a person presses Start, and a bot can write to nobody before. A username can be
changed, given up and taken by somebody else, and a bot cannot write to one (Bot API: `chat_id` takes the usernames of
bots, supergroups and channels); it only finds a conversation whose customer has written under it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chatflow.errors import InvalidInput

LARGEST_ID: Final = 2**52 - 1  # Bot API, "User": at most 52 significant bits
_ID: Final = re.compile(r"[1-9][0-9]{0,15}")
# Telegram's limits are 5 to 32 letters, digits and underscores, a letter first; collectible ones may have 4.
_USERNAME: Final = re.compile(r"(?:@|(?:https?://)?(?:t|telegram)\.me/)([a-z][a-z0-9_]{3,31})")


def normalize_address(text: str) -> str:
    """The one form of an address that a person wrote: digits, or a username with "@" in small letters.

    Normalising it again changes nothing. Raises InvalidInput, whose message does not repeat the address.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if is_id(written):
        return written
    if found := _USERNAME.fullmatch(written.lower()):
        return f"@{found[1]}"
    raise InvalidInput(
        "not an address on Telegram: write the id of the person's chat (123456789), which [[contact:address]] holds, "
        "or a username (@name) whose owner has written to the bot"
    )


def stored_spellings(address: str) -> tuple[str, ...]:
    """The forms in which webhooks may have brought a normalised address: there is one."""
    return (address,)


def is_writable(address: str) -> bool:
    """Whether a message may be sent to a normalised address. To a username, none may be."""
    return is_id(address)


def is_id(address: str) -> bool:
    """Whether this is the id of a person's chat. Ids of groups and channels are negative."""
    return _ID.fullmatch(address) is not None and int(address) <= LARGEST_ID
