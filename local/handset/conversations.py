"""What was said: every message both ways, numbered, and a way to wait for the next change."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from local.handset.pace import Pace

WINDOW_SECONDS = 24 * 3600


@dataclass
class Message:
    """One message as the chat page and scripts see it: `in` comes from the customer, `out` from the business.

    `status` of `in`: pending, sent (the webhook did not answer 200 yet), delivered, failed, read (we got a receipt).
    `status` of `out`: accepted, then the highest of sent, delivered, read and failed that was reported.
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
    link: str = ""  # media that the business named by address
    voice: bool = False
    album: str = ""  # same for the files that were sent together
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)  # id, title
    list_button: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)  # id, title, description, section
    choice: dict[str, str] | None = None
    location: dict[str, Any] | None = None
    reply_to: str = ""
    reaction: str = ""
    status: str = "pending"
    attempts: int = 0  # deliveries of the webhook tried
    error: str = ""
    version: int = 0


@dataclass
class Contact:
    """One customer."""

    wa_id: str
    name: str
    username: str = ""  # who has one is known to the business by the user id alone
    window_until: float = 0.0  # free-form messages of the business are taken until then
    typing_until: float = 0.0
    pace: Pace = field(default_factory=Pace)


class Conversations:
    """All contacts and messages; `version` grows with every change."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.version = 0
        self.contacts: dict[str, Contact] = {}
        self.messages: list[Message] = []
        self._by_wamid: dict[str, Message] = {}
        self._changed = asyncio.Event()

    def contact(self, wa_id: str, name: str = "") -> Contact:
        """The contact of this number, who is made when unknown and renamed when a name is given."""
        contact = self.contacts.get(wa_id)
        if contact is None:
            contact = self.contacts[wa_id] = Contact(wa_id, name or f"Customer {wa_id[-4:]}")
            self.touch()
        elif name and name != contact.name:
            contact.name = name
            self.touch()
        return contact

    def add(self, contact: str, direction: str, kind: str, **content: Any) -> Message:
        """Append a message and tell everyone who waits."""
        wamid = content.pop("wamid", "") or new_wamid(contact)
        now = int(self.clock() * 1000)
        message = Message(len(self.messages) + 1, contact, direction, wamid, kind, now, **content)
        self.messages.append(message)
        self._by_wamid[wamid] = message
        self.touch(message)
        return message

    def find(self, wamid: str) -> Message | None:
        return self._by_wamid.get(wamid)

    def touch(self, message: Message | None = None) -> None:
        """Number a change and wake who waits for one."""
        self.version += 1
        if message:
            message.version = self.version
        self._changed.set()
        self._changed = asyncio.Event()

    def open_window(self, wa_id: str, *, open_: bool = True) -> None:
        self.contact(wa_id).window_until = self.clock() + WINDOW_SECONDS if open_ else 0.0
        self.touch()

    def of(self, contact: str, after: int = 0, changed_after: int = 0, direction: str = "") -> list[dict[str, Any]]:
        """The messages of one contact that match, in order, in JSON form."""
        return [
            asdict(message)
            for message in self.messages[after:]
            if message.contact == contact and message.version > changed_after and direction in ("", message.direction)
        ]

    async def wait(self, seconds: float) -> bool:
        """Return at the next change (True) or after so many seconds (False)."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return False
        return True


def new_wamid(contact: str) -> str:
    """A message id in Meta's form: base64 of the number and a random part, so it may hold `+`, `/` and `=`."""
    raw = b"\x1c\x18" + bytes([len(contact)]) + contact.encode() + b"\x15\x02\x00\x12\x18\x14" + secrets.token_bytes(20)
    return "wamid." + base64.b64encode(raw + b"\x00").decode()
