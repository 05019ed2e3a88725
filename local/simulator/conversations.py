"""The conversations of all customers: contacts, messages, and a way to wait for the next change."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar


@dataclass
class Message:
    """One message as the chat page and scripts see it: `in` comes from the customer, `out` from the business.

    `status` of `in`: pending, sent (the webhook has not answered 200 yet), delivered, failed, read (the business sent a
    read receipt). `status` of `out`: accepted, then the highest reported of sent, delivered, read and failed.
    """

    seq: int
    contact: str
    direction: str
    id: str  # in the channel
    type: str  # text, image, video, audio, document, sticker, location, or a kind that only the channel has
    at: int  # milliseconds since the epoch
    text: str = ""
    entities: list[dict[str, Any]] | None = None  # formatted parts; None: the app formats *bold* and _italic_ itself
    caption: str = ""
    filename: str = ""
    mime: str = ""
    size: int = 0  # bytes
    sha256: str = ""  # hex
    media: str = ""  # id; the bytes are at /handset/media/{id}
    link: str = ""  # address of media that the business sent by link
    voice: bool = False
    album: str = ""  # equal for files that were sent together
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)  # id, title
    list_button: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)  # id, title, description, section
    choice: dict[str, str] | None = None
    location: dict[str, Any] | None = None
    reply_to: str = ""
    reaction: str = ""
    by_hand: bool = False  # a person of the business wrote it in an app of their own
    status: str = "pending"
    attempts: int = 0  # webhook deliveries attempted
    error: str = ""
    version: int = 0


@dataclass
class Contact:
    """One chat of a customer with the business; channels add what only they know of a customer."""

    id: str
    name: str
    username: str = ""
    typing_until: float = 0.0


C = TypeVar("C", bound=Contact)


class Conversations(Generic[C]):
    """All contacts and messages; `version` grows with every change."""

    def __init__(self, clock: Callable[[], float], new_contact: Callable[[str, str], C]) -> None:
        """`new_contact` makes a contact of an id and a name."""
        self.clock = clock
        self.version = 0
        self.contacts: dict[str, C] = {}
        self._new_contact = new_contact
        self.messages: list[Message] = []
        self._by_id: dict[str, Message] = {}
        self._by_contact: defaultdict[str, list[Message]] = defaultdict(list)
        # One event per contact and one ("") for all: a change must not wake a thousand waiting scripts.
        self._changed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def contact(self, contact_id: str, name: str = "") -> C:
        """The contact of this id; created when unknown, renamed when a name is given."""
        contact = self.contacts.get(contact_id)
        if contact is None:
            contact = self.contacts[contact_id] = self._new_contact(contact_id, name or f"Customer {contact_id[-4:]}")
            self.mark_changed()
        elif name and name != contact.name:
            contact.name = name
            self.mark_changed()
        return contact

    def add(self, contact: str, direction: str, kind: str, *, id: str, **content: Any) -> Message:
        """Append a message and wake all waiting callers."""
        now = int(self.clock() * 1000)
        message = Message(len(self.messages) + 1, contact, direction, id, kind, now, **content)
        self.messages.append(message)
        self._by_id[id] = message
        self._by_contact[contact].append(message)
        self.mark_changed(message)
        return message

    def find(self, message_id: str) -> Message | None:
        return self._by_id.get(message_id)

    def select(self, contact: str, after: int = 0, changed_after: int = 0, direction: str = "") -> list[Message]:
        """The matching messages of one contact, in order."""
        return [
            message
            for message in self._by_contact.get(contact, [])
            if message.seq > after and message.version > changed_after and direction in ("", message.direction)
        ]

    def newest_first(self, contact: str) -> list[Message]:
        return self._by_contact.get(contact, [])[::-1]

    def mark_changed(self, message: Message | None = None) -> None:
        """Number a change and wake the callers that wait for it."""
        self.version += 1
        if message:
            message.version = self.version
            self._wake(message.contact)
        self._wake("")

    async def wait(self, seconds: float, contact: str = "") -> bool:
        """Return at the next change, of one contact or of anything (True), or after this many seconds (False)."""
        try:
            await asyncio.wait_for(self._changed[contact].wait(), seconds)
        except TimeoutError:
            return False
        return True

    def wake_all(self) -> None:
        """Wake every waiting caller."""
        for contact in list(self._changed):
            self._wake(contact)

    def _wake(self, contact: str) -> None:
        event = self._changed.pop(contact, None)
        if event:
            event.set()
