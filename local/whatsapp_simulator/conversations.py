"""The conversations of all customers: contacts, messages, and a way to wait for the next change."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

WINDOW_SECONDS = 24 * 3600

BURST_MESSAGES = 45  # messages that a business may send to one customer at once, borrowed from the future
SECONDS_PER_MESSAGE = 6.0


@dataclass
class Message:
    """One message as the chat page and scripts see it: `in` comes from the customer, `out` from the business.

    `status` of `in`: pending, sent (the webhook has not answered 200 yet), delivered, failed, read (the business sent a
    read receipt). `status` of `out`: accepted, then the highest reported of sent, delivered, read and failed.
    """

    seq: int
    contact: str
    direction: str
    wamid: str
    type: str
    at: int  # milliseconds since the epoch
    text: str = ""
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
    by_hand: bool = False  # a person of the business wrote it in the WhatsApp Business app
    status: str = "pending"
    attempts: int = 0  # webhook deliveries attempted
    error: str = ""
    version: int = 0


def new_wamid(contact: str) -> str:
    """A message id in Meta's form: base64 of the number and a random part, so it may hold `+`, `/` and `=`."""
    raw = b"\x1c\x18" + bytes([len(contact)]) + contact.encode() + b"\x15\x02\x00\x12\x18\x14" + secrets.token_bytes(20)
    return "wamid." + base64.b64encode(raw + b"\x00").decode()


@dataclass
class PairRateLimit:
    """Meta's limit of messages from one business to one customer: a burst, then one message every six seconds."""

    remaining: float = BURST_MESSAGES
    updated_at: float = 0.0

    def take(self, now: float) -> bool:
        """Consume one message of the allowance; False when none is left."""
        if self.updated_at:
            refilled = (now - self.updated_at) / SECONDS_PER_MESSAGE
            self.remaining = min(BURST_MESSAGES, self.remaining + refilled)
        else:
            self.remaining = BURST_MESSAGES
        self.updated_at = now
        if self.remaining < 1:
            return False
        self.remaining -= 1
        return True


@dataclass
class Contact:
    """One customer."""

    wa_id: str
    name: str
    username: str = ""  # with a username, the business knows the customer by the user id alone
    window_until: float = 0.0  # free-form messages of the business are accepted until then
    typing_until: float = 0.0
    rate_limit: PairRateLimit = field(default_factory=PairRateLimit)


class Conversations:
    """All contacts and messages; `version` grows with every change."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.version = 0
        self.contacts: dict[str, Contact] = {}
        self.messages: list[Message] = []
        self._by_wamid: dict[str, Message] = {}
        self._by_contact: defaultdict[str, list[Message]] = defaultdict(list)
        # One event per contact and one ("") for all: a change must not wake a thousand waiting scripts.
        self._changed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def contact(self, wa_id: str, name: str = "") -> Contact:
        """The contact of this number; created when unknown, renamed when a name is given."""
        contact = self.contacts.get(wa_id)
        if contact is None:
            contact = self.contacts[wa_id] = Contact(wa_id, name or f"Customer {wa_id[-4:]}")
            self.mark_changed()
        elif name and name != contact.name:
            contact.name = name
            self.mark_changed()
        return contact

    def add(self, contact: str, direction: str, kind: str, **content: Any) -> Message:
        """Append a message and wake all waiting callers."""
        wamid = content.pop("wamid", "") or new_wamid(contact)
        now = int(self.clock() * 1000)
        message = Message(len(self.messages) + 1, contact, direction, wamid, kind, now, **content)
        self.messages.append(message)
        self._by_wamid[wamid] = message
        self._by_contact[contact].append(message)
        self.mark_changed(message)
        return message

    def find(self, wamid: str) -> Message | None:
        return self._by_wamid.get(wamid)

    def select(self, contact: str, after: int = 0, changed_after: int = 0, direction: str = "") -> list[dict[str, Any]]:
        """The matching messages of one contact, in order, in JSON form."""
        return [
            asdict(message)
            for message in self._by_contact.get(contact, [])
            if message.seq > after and message.version > changed_after and direction in ("", message.direction)
        ]

    def newest_first(self, contact: str) -> list[Message]:
        return self._by_contact.get(contact, [])[::-1]

    def set_window(self, wa_id: str, *, is_open: bool = True) -> None:
        """Open the 24-hour window of a contact from now on, or close it."""
        self.contact(wa_id).window_until = self.clock() + WINDOW_SECONDS if is_open else 0.0
        self.mark_changed()

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
