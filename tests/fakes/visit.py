"""Visits, events and fake ports, for tests of node rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from chatflow.conversation.events import Event, message_event, timeout_event
from chatflow.errors import NotPublished
from chatflow.integrations.secret_hosts import deserialize_secret
from chatflow.media.profiles import PRODUCT, Profile
from chatflow.media.reference import MediaReference
from chatflow.messages import Choices, IncomingMedia, IncomingMessage, Text
from chatflow.nodes.contract import Conversation, Visit
from chatflow.nodes.ports import Answer, Call

ANN = Conversation("c_ann", "whatsapp", "106", "16505551234", "Ann")
NOW = 1_760_000_000_000


def a_visit(config: dict[str, Any], *, event: Event | None = None, **more: Any) -> Visit:
    """A visit that enters a node, or with `event` one that resumes it."""
    given: dict[str, Any] = {
        "phase": "resume" if event else "enter",
        "flow": "claims",
        "node": "ask",
        "config": config,
        "variables": {},
        "conversation": ANN,
        "session": "s_1",
        "turn": 2,
        "visit": 3,
        "deadline": NOW + 60_000,
        "event": event or {},
        "wait_state": {"attempt": 1} if event else {},
    }
    return Visit(**{**given, **more})


def text(body: str) -> Event:
    return received(kind="text", text=body)


def choice(id: str, title: str = "") -> Event:
    return received(kind="choice", choice=id, text=title)


def media(kind: str = "image", **announced: Any) -> Event:
    return received(kind="media", media=IncomingMedia(**{"id": "m1", "kind": kind, **announced}))


def timeout() -> Event:
    return timeout_event("c_ann", "s_1", 2, NOW // 1000)


def received(**message: Any) -> Event:
    """The customer sent a message with these fields."""
    fields = {"id": "wamid.1", "channel": "whatsapp", "account": "106", "contact": "16505551234", "at": 1, **message}
    return message_event(IncomingMessage(**fields), "c_ann")


@dataclass
class FakePorts:
    """Records the calls of a rule. `taken` and `called` are the results of ports, or errors to raise."""

    taken: MediaReference | Exception | None = None
    called: Answer | Exception | None = None
    refuses: Exception | None = None
    assets: dict[str, MediaReference] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    profile: Profile = PRODUCT
    sent_messages: list[Text | Choices] = field(default_factory=list)
    sent_files: list[tuple[MediaReference, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    clock: Callable[[], int] = lambda: NOW
    scanning: int = 0  # seconds
    longest_hold: int = 23 * 3600  # seconds

    def now(self) -> int:
        return self.clock()

    def secret(self, name: str, url: str) -> str:
        if name not in self.secrets:
            raise NotPublished(name)
        return deserialize_secret(name, self.secrets[name]).for_call(name, url)

    def send_message(self, effect: str, message: Text | Choices) -> dict[str, Any]:
        if self.refuses:
            raise self.refuses
        self.sent_messages.append(message)
        return {"effect": effect, "messages": [f"wamid.out{len(self.sent_messages)}"]}

    def channel_profile(self) -> Profile:
        return self.profile

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        self.profiles.append(profile)
        if isinstance(self.taken, Exception):
            raise self.taken
        assert self.taken is not None
        return self.taken

    def scan_seconds(self) -> int:
        return self.scanning

    def send_file(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        if self.refuses:
            raise self.refuses
        self.sent_files.append((media, caption))
        return {"effect": effect, "messages": ["wamid.file"]}

    def asset(self, name: str) -> MediaReference:
        if name not in self.assets:
            raise NotPublished(name)
        return self.assets[name]

    def call_api(self, effect: str, call: Call) -> Answer:
        self.calls.append(call)
        if isinstance(self.called, Exception):
            raise self.called
        assert self.called is not None
        return self.called

    def hold_seconds(self, hold_for: int, files: Iterable[MediaReference]) -> int:
        return min(hold_for or self.longest_hold, self.longest_hold)

    @property
    def texts(self) -> list[str]:
        return [message.body for message in self.sent_messages]
