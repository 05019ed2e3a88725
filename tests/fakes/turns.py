"""A conversation in memory, for tests of turns: a session store, flows and a state machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chatflow.adapters.dynamodb.failed_runs import Runs
from chatflow.adapters.dynamodb.places import UnreadableSession
from chatflow.adapters.dynamodb.sessions import LoadedConversation
from chatflow.conversation.events import Action, Event, message_event, operator_event, start_event
from chatflow.conversation.identity import Alias, Known, Links, Place
from chatflow.conversation.session import Session
from chatflow.errors import NotPublished, TurnFailed
from chatflow.messages import IncomingMedia, IncomingMessage
from conversation.run_turn import Dependencies, Ending, run_turn
from tests.fakes.node_types import TASK_TYPES

NOW = 1_760_000_000


@dataclass
class FakeSessions:
    """Behaves like the real store: a save is conditional on the turn, and an event has one record."""

    routes: dict[str, Any] = field(default_factory=dict)
    session: Session | None = None
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[str, dict[str, Any]] = field(default_factory=dict)
    erased_at: int = 0
    unreadable: UnreadableSession | None = None
    newer: dict[str, Any] | None = None  # routes that were published while copies of `routes` were fresh

    def load(self, conversation: str, event_id: str, aliases: Iterable[str] = ()) -> LoadedConversation:
        place = Place(self.session.turn, self.session) if self.session else None
        return LoadedConversation(
            None if self.unreadable else self.session,
            self.routes,
            repeated=event_id in self.records,
            erased_at=self.erased_at,
            known=Known(conversation, place),
            unreadable=self.unreadable,
        )

    def newer_routes(self, than: dict[str, Any]) -> dict[str, Any] | None:
        return self.newer if self.newer != than else None

    def save_alias(self, alias: Alias) -> bool:
        raise AssertionError("one address needs no alias; tests.fakes.places has many")

    def mark_unreadable(self, conversation: str, reason: str, now: int) -> None:
        self.marked = reason

    def remove_unreadable(self, conversation: str, session: UnreadableSession, expires_at: int) -> None:
        self.session, self.unreadable = None, None

    def save(
        self, session: Session, event_id: str, record: dict[str, Any], now: int, links: Links | None = None
    ) -> None:
        if session.turn != (self.session.turn if self.session else 0) + 1 or event_id in self.records:
            raise TurnFailed("not saved")
        self.session = Session.from_json(session.to_json())
        self.records[event_id] = record

    def save_failure(self, conversation: str, event_id: str, failure: dict[str, Any], expires_at: int) -> None:
        self.failures[event_id] = failure

    def save_note(self, conversation: str, event_id: str, record: dict[str, Any], expires_at: int) -> None:
        self.records.setdefault(event_id, record)


@dataclass
class FakeRuns:
    """Behaves like the real store of counted runs."""

    counts: dict[str, Runs] = field(default_factory=dict)
    apologised: tuple[str, int] | None = None

    def begin(self, conversation: str, event_id: str) -> Runs:
        return self.fail(conversation, event_id, "", 1)

    def fail(self, conversation: str, event_id: str, reason: str, change: int) -> Runs:
        before = self.counts.get(event_id, Runs(0))
        self.counts[event_id] = Runs(before.count + change, reason or before.reason)
        return self.counts[event_id]

    def forget(self, conversation: str, event_id: str) -> None:
        self.counts.pop(event_id, None)

    def claim_apology(self, conversation: str, session: str, turn: int) -> bool:
        before, self.apologised = self.apologised, (session, turn)
        return before != self.apologised


@dataclass
class FakeFlows:
    versions: dict[str, dict[str, Any]]
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)  # those that every slice holds

    def live(self, flow: str, at_least: int = 0) -> dict[str, Any]:
        if flow not in self.versions:
            raise NotPublished(flow)
        return self.versions[flow]

    def slice(self, flow: str, version: int, node: str) -> dict[str, Any]:
        if flow not in self.versions:
            raise NotPublished(flow)
        return {"nodes": {node: {"of": f"{flow}/{version}"}, **self.nodes}}


@dataclass
class FakeConversation:
    """One conversation and the ports of its turns. `answers` are the state machine's results, run by run."""

    answers: list[dict[str, Any] | Exception] = field(default_factory=list)
    routes: dict[str, Any] = field(default_factory=lambda: {"routes": [{"flow": "claims"}]})
    flows: list[str] = field(default_factory=lambda: ["claims"])
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    now: float = NOW
    seconds_per_run: float = 0.0

    def __post_init__(self) -> None:
        self.sessions = FakeSessions(self.routes)
        self.runs: list[dict[str, Any]] = []
        self.queued: list[Event] = []
        self.scheduled: list[tuple[int, Event]] = []
        self.erased: list[tuple[str, int]] = []
        self.failed_runs = FakeRuns()
        self.dead_letters: list[Event] = []

    def process(self, event: Event) -> Ending:
        return run_turn(event, self.dependencies())

    def dependencies(self) -> Dependencies:
        return Dependencies(
            sessions=self.sessions,
            flows=FakeFlows({name: version(name) for name in self.flows}, self.nodes),
            run_machine=self._run,
            task_types=TASK_TYPES,
            schedule=lambda deadline, event: self.scheduled.append((deadline, event)),
            queue=self.queued.append,
            erase=lambda conversation, at, _keys: self.erased.append((conversation, at)),
            runs=self.failed_runs,
            dead_letter=self.dead_letters.append,
            clock=lambda: self.now,
        )

    def _run(self, name: str, machine_input: dict[str, Any]) -> dict[str, Any]:
        self.runs.append(machine_input)
        self.now += self.seconds_per_run
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        visits = machine_input["visits"] + 1
        trail = [{"node": machine_input["at"], "visit": visits, "effects": _takes(machine_input)}]
        return {"variables": machine_input["variables"], "visits": visits, "trail": trail, **answer}

    def wait_for_timer(self) -> Ending:
        """Timers fire one after the other, at their times, until one of them gets a turn; its ending."""
        while self.scheduled:
            timer = min(self.scheduled, key=lambda each: each[0])
            self.scheduled.remove(timer)
            self.now = max(self.now, timer[0])
            if (ending := self.process(timer[1])) != "stale":
                return ending
        raise AssertionError("no timer is set")

    @property
    def texts(self) -> list[str]:
        """The texts that the turn itself sent."""
        return [run["nodes"]["saying"]["config"]["say"] for run in self.runs if "saying" in run["nodes"]]


def _takes(machine_input: dict[str, Any]) -> list[dict[str, Any]]:
    """The effects of a node that takes every file, and is told that each is clean, unless an answer says otherwise."""
    if machine_input["phase"] != "resume":
        return []
    scan = {"effect": "scan", "verdict": machine_input["event"].get("verdict", "clean")}
    return [{"effect": "take"}] if "message" in machine_input["event"] else [scan]


def version(name: str, *, timeout: int = 600, on_timeout: str | None = None) -> dict[str, Any]:
    return {
        "flow": name,
        "version": 1,
        "start": "first",
        "session": {"timeout": timeout, "on_timeout": on_timeout},
        "retention_days": 30,
    }


def waits(at: str = "ask", *, expects: tuple[str, ...] = ("text",), seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "status": "waiting",
        "at": at,
        "wait": {"expects": list(expects), "seconds": seconds, "memo": {"attempt": 1}},
        **more,
    }


ENDS: dict[str, Any] = {"status": "ended"}


def wrote(text: str = "hello", *, id: str = "wamid.1", **more: Any) -> Event:
    """The customer wrote a text."""
    message = IncomingMessage(
        id=id, channel="whatsapp", account="106", contact="16505551234", kind="text", at=NOW, text=text, name="Ann"
    )
    return {**message_event(message, "c_ann"), **more}


def sent_photo(*, id: str = "wamid.1") -> Event:
    """The customer sent a photo."""
    media = IncomingMedia(id="m1", kind="image", mime="image/jpeg", url="https://lookaside.fbsbx.com/x")
    message = IncomingMessage(
        id=id, channel="whatsapp", account="106", contact="16505551234", kind="media", at=NOW, media=media
    )
    return message_event(message, "c_ann")


def sent_other(what: str, *, id: str = "wamid.1") -> Event:
    """Something that no flow has a use for."""
    message = IncomingMessage(
        id=id, channel="whatsapp", account="106", contact="16505551234", kind="other", at=NOW, other=what
    )
    return message_event(message, "c_ann")


def begun(
    flow: str = "claims", *, unique: str = "1", variables: dict[str, Any] | None = None, replace: bool = False
) -> Event:
    """The business begins a flow."""
    return start_event(
        unique,
        "c_ann",
        channel="whatsapp",
        account="106",
        contact="16505551234",
        flow=flow,
        variables=variables or {},
        replace=replace,
    )


def wished(action: Action, session: Session | None, *, unique: str = "1") -> Event:
    """An operator's wish about the session as it stands."""
    assert session is not None
    return operator_event(unique, "c_ann", session.session, session.turn, action=action, by="olga@example.com")
