"""How events in the queue are read, those of every release. `event_bodies` writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatflow.conversation import events
from chatflow.conversation.events import Event, echo_of, message_of
from chatflow.errors import Unreadable
from chatflow.tolerant_reader import SCHEMA, read, read_object

_WHAT: Final = "the queued event"


# The shapes check what is read, and are dropped: each method that they do without is one less to compile at a start.
@dataclass(frozen=True, eq=False, repr=False)
class _Envelope:
    """The fields of every event."""

    id: str
    kind: str
    conversation: str


@dataclass(frozen=True, eq=False, repr=False)
class _Message:
    channel: str
    account: str
    contact: str
    message: dict[str, Any]
    name: str = ""
    aliases: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class _Start:
    channel: str
    account: str
    contact: str
    flow: str
    name: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    replace: bool = False
    at: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class _OfTurn:
    session: str
    turn: int


@dataclass(frozen=True, eq=False, repr=False)
class _Timeout(_OfTurn):
    deadline: int


@dataclass(frozen=True, eq=False, repr=False)
class _Continue(_OfTurn):
    continues: int = 1


@dataclass(frozen=True, eq=False, repr=False)
class _Operator(_OfTurn):
    action: str
    by: str = ""
    apply_messages: bool = False
    wait: int = 0
    tries: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class _Erase:
    at: int
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class _Move:
    to: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    contact: str = ""
    at: int = 0
    change: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class _Adopt:
    former: str
    aliases: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class _Status:
    message_id: str
    status: str = "failed"
    at: int = 0
    reason: str = ""
    code: int = 0
    explanation: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class _Scan:
    session: str
    key: str
    verdict: events.Verdict


@dataclass(frozen=True, eq=False, repr=False)
class _Owed:
    due: int


@dataclass(frozen=True, eq=False, repr=False)
class _Delivery:
    """Only a session stores it, among its pending events."""

    session: str
    visit: int
    failure: str = ""
    code: int = 0


# The fields of each kind; those without a default must be there. Every kind of `events` has an entry.
FIELDS: Final[Mapping[str, type[Any]]] = {
    events.MESSAGE: _Message,
    events.START: _Start,
    events.TIMEOUT: _Timeout,
    events.CONTINUE: _Continue,
    events.STATUS: _Status,
    events.ERASE: _Erase,
    events.OPERATOR: _Operator,
    events.SCAN: _Scan,
    events.OWED: _Owed,
    events.DELIVERY: _Delivery,
    events.ECHO: _Message,
    events.MOVE: _Move,
    events.ADOPT: _Adopt,
}


_ONLY_IF_SET: Final = ("aliases", "hidden", "wait", "tries")  # fields that an event without them does not have


def read_event(body: str) -> Event:
    """The event of a queued body, of any release. Fields that this release does not know stay, and are not used.

    Raises Unreadable: also for a kind of event that a later release introduced, since dropping it would lose it.
    """
    event = read_object(body, _WHAT)
    envelope = read(_Envelope, event, _WHAT)
    if envelope.kind not in FIELDS:
        raise Unreadable(f"{_WHAT} cannot be read: this release knows no event of its kind")
    event = {**event, **vars(read(FIELDS[envelope.kind], event, _WHAT))}
    for name in _ONLY_IF_SET:
        if not event.get(name):
            event.pop(name, None)
    event.pop(SCHEMA, None)
    message_of(event)
    echo_of(event)
    return event
