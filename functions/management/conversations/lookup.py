"""Finds a contact's conversation by any of their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chatflow.channels import manifest
from chatflow.channels.manifest import ChannelManifest
from chatflow.conversation.events import conversation_key
from chatflow.errors import InvalidInput
from management.http.problems import invalid_field

if TYPE_CHECKING:
    from management.dependencies import Dependencies


@dataclass(frozen=True)
class Identified:
    """A contact on an account, by the address that a caller named.

    `conversation` is the contact's, or the key that it would have. `others` are further conversations with an older
    spelling of the same number. `keys` are aliases by which the address was looked up, and `earlier` conversations
    to which it belonged before. `writable`: whether a message may be sent to `address`.
    """

    conversation: str
    others: tuple[str, ...]
    keys: tuple[str, ...]
    earlier: tuple[str, ...]
    channel: ChannelManifest
    address: str
    writable: bool


def identify(dependencies: Dependencies, channel: str, account: str, contact: str) -> Identified:
    """The conversation of a contact on an account.

    Raises Problem (invalid-request) for an unknown channel or an address that is none.
    """
    try:
        channel_manifest = manifest.load(channel)
    except InvalidInput:
        channels = ", ".join(manifest.names())
        raise invalid_field("body.channel", f"there is no channel of that name; there are: {channels}") from None
    addresses = manifest.part(channel, "addresses")
    try:
        address = addresses.normalize_address(contact)
    except InvalidInput as error:
        raise invalid_field("body.contact", str(error)) from None
    key = partial(conversation_key, dependencies.conversation_secret(), channel, account)
    keys = list(dict.fromkeys(key(each) for each in addresses.stored_spellings(address)))
    places = dependencies.transcripts.places(keys)
    found = list(dict.fromkeys(dependencies.transcripts.current_key(each) for each in keys if each in places))
    conversation = found[0] if found else keys[0]
    return Identified(
        conversation=conversation,
        others=tuple(found[1:]),
        keys=tuple(each for each in keys if each not in found and each != conversation),
        earlier=tuple(dict.fromkeys(each for place in places.values() for each in place.earlier)),
        channel=channel_manifest,
        address=address,
        writable=addresses.is_writable(address),
    )
