"""What was said: every message both ways, numbered, and a way to wait for the next change."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from local.whatsapp_simulator.message import Message, new_wamid
from local.whatsapp_simulator.pace import Pace

WINDOW_SECONDS = 24 * 3600


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
        self._by_contact: defaultdict[str, list[Message]] = defaultdict(list)
        # One event per contact and one ("") for all: a thousand scripts that wait must not all wake at each change.
        self._changed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

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
        self._by_contact[contact].append(message)
        self.touch(message)
        return message

    def find(self, wamid: str) -> Message | None:
        return self._by_wamid.get(wamid)

    def touch(self, message: Message | None = None) -> None:
        """Number a change and wake who waits for one."""
        self.version += 1
        if message:
            message.version = self.version
            self._wake(message.contact)
        self._wake("")

    def open_window(self, wa_id: str, *, open_: bool = True) -> None:
        self.contact(wa_id).window_until = self.clock() + WINDOW_SECONDS if open_ else 0.0
        self.touch()

    def of(self, contact: str, after: int = 0, changed_after: int = 0, direction: str = "") -> list[dict[str, Any]]:
        """The messages of one contact that match, in order, in JSON form."""
        return [
            asdict(message)
            for message in self._by_contact.get(contact, [])
            if message.seq > after and message.version > changed_after and direction in ("", message.direction)
        ]

    def newest_first(self, contact: str) -> list[Message]:
        return self._by_contact.get(contact, [])[::-1]

    def wake_all(self) -> None:
        """Let everyone who waits look again."""
        for contact in list(self._changed):
            self._wake(contact)

    def _wake(self, contact: str) -> None:
        event = self._changed.pop(contact, None)
        if event:
            event.set()

    async def wait(self, seconds: float, contact: str = "") -> bool:
        """Return at the next change, of one contact or of anything (True), or after so many seconds (False)."""
        try:
            await asyncio.wait_for(self._changed[contact].wait(), seconds)
        except TimeoutError:
            return False
        return True
