"""Conversations of many keys in memory: the queue's groups, the places of table `sessions`, workers that overlap.

While one worker is inside a call of its ports, `between` may let the worker of another group go on, or kill this one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from chatflow.adapters.dynamodb.sessions import LoadedConversation
from chatflow.conversation.events import Event
from chatflow.conversation.identity import Alias, Known, Links, Place
from chatflow.conversation.session import Session
from chatflow.errors import TurnFailed
from conversation.run_turn import Dependencies, Ending, run_turn
from tests.fakes.node_types import TASK_TYPES
from tests.fakes.turns import NOW, FakeFlows, FakeRuns, version, waits


class Killed(Exception):
    """The worker died."""


@dataclass
class FakePlaces:
    """Behaves like SessionStore for many keys: every write is conditional, a save writes all or nothing."""

    places: dict[str, Place] = field(default_factory=dict)
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    erased_at: dict[str, int] = field(default_factory=dict)
    routes: dict[str, Any] = field(default_factory=lambda: {"routes": [{"flow": "claims"}]})

    def load(self, conversation: str, event_id: str, aliases: Iterable[str] = ()) -> LoadedConversation:
        keys = (conversation, *aliases)
        others = {key: self.places[key] for key in aliases if key in self.places}
        known = Known(conversation, self.places.get(conversation), others)
        return LoadedConversation(
            session=known.place.live if known.place else None,
            routes=self.routes,
            repeated=any((key, event_id) in self.records for key in keys),
            erased_at=max((self.erased_at.get(key, 0) for key in keys), default=0),
            known=known,
        )

    def newer_routes(self, than: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def save(
        self, session: Session, event_id: str, record: dict[str, Any], now: int, links: Links | None = None
    ) -> None:
        assert links is not None
        aliases = {alias.key: alias for alias in links.aliases}
        assert len(aliases) == len(links.aliases)
        assert session.conversation not in aliases, "DynamoDB writes an item once in a transaction"
        expected = {session.conversation: links.before, **{key: alias.before for key, alias in aliases.items()}}
        if (session.conversation, event_id) in self.records or any(
            not self._is_still(key, place) for key, place in expected.items()
        ):
            raise TurnFailed("not saved")
        stored = Session.from_json(session.to_json())
        self.places[session.conversation] = Place(session.turn, stored, expires_at=now + session.expires_after(now))
        self.places |= {key: alias.place for key, alias in aliases.items()}
        self.records[session.conversation, event_id] = record

    def save_alias(self, alias: Alias) -> bool:
        if not self._is_still(alias.key, alias.before):
            return False
        self.places[alias.key] = alias.place
        return True

    def save_note(self, conversation: str, event_id: str, record: dict[str, Any], expires_at: int) -> None:
        self.records.setdefault((conversation, event_id), record)

    def save_failure(self, conversation: str, event_id: str, failure: dict[str, Any], expires_at: int) -> None:
        raise AssertionError("no event fails for good here")

    def _is_still(self, key: str, before: Place | None) -> bool:
        now = self.places.get(key)
        if before is None or now is None:
            return now is before
        return (now.turn, now.moved_to) == (before.turn, before.moved_to)

    @property
    def live(self) -> dict[str, Session]:
        return {key: place.live for key, place in self.places.items() if place.live}


@dataclass
class FakeQueue:
    """A FIFO queue with a worker for each group. `applied` are the ids of messages that a flow got, in order.

    The state machine's effects happen once for each of their keys, as on AWS (`chatflow.adapters.dynamodb.effects`).
    """

    store: FakePlaces = field(default_factory=FakePlaces)
    between: Callable[[], None] = lambda: None
    now: int = NOW
    groups: defaultdict[str, deque[Event]] = field(default_factory=lambda: defaultdict(deque))
    busy: set[str] = field(default_factory=set)
    effects: dict[str, str] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    erased: list[tuple[str, list[str]]] = field(default_factory=list)
    endings: list[tuple[str, str]] = field(default_factory=list)
    scheduled: list[Event] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)  # the address of each send

    def send(self, event: Event) -> None:
        self.groups[event["conversation"]].append(event)

    @property
    def ready(self) -> list[str]:
        return sorted(key for key, events in self.groups.items() if events and key not in self.busy)

    def work(self, group: str) -> Ending | None:
        """Run the first event of a group; it leaves the queue unless its turn fails."""
        event = self.groups[group][0]
        self.busy.add(group)
        try:
            ending = run_turn(event, self._dependencies())
            self.between()  # the worker may die before the event leaves the queue
        except (TurnFailed, Killed) as error:
            self.endings.append((event["id"], type(error).__name__))
            return None
        finally:
            self.busy.discard(group)
        self.groups[group].popleft()
        self.endings.append((event["id"], ending))
        return ending

    def drain(self) -> None:
        """Work until every queue is empty. A group whose session has not moved yet is tried after the others."""
        for _ in range(10_000):
            if not (ready := self.ready):
                return
            for group in ready:
                if self.groups[group]:
                    self.work(group)
        raise AssertionError(f"events come again and again: {dict(self.groups)}")

    def _dependencies(self) -> Dependencies:
        return Dependencies(
            sessions=_Interrupted(self.store, self.between),  # type: ignore[arg-type]
            flows=FakeFlows({"claims": version("claims")}),
            run_machine=self._run,
            task_types=TASK_TYPES,
            schedule=lambda _deadline, event: self.scheduled.append(event),
            queue=self._queue,
            erase=lambda conversation, _at, keys: self.erased.append((conversation, keys)),
            runs=FakeRuns(),
            dead_letter=lambda _event: None,
            clock=lambda: self.now,
        )

    def _queue(self, event: Event) -> None:
        self.between()
        self.send(event)
        self.between()

    def _run(self, _name: str, machine_input: dict[str, Any]) -> dict[str, Any]:
        self.between()
        conversation, event = machine_input["conversation"], machine_input["event"]
        first = (*conversation["formerly"], conversation["key"])[0]
        visit = machine_input["visits"] + 1
        key = f"{first}/{machine_input['session']}/{machine_input['turn']}/{event['id']}/{visit}"
        if key not in self.effects:
            self.effects[key] = event["id"]
            self.applied.append(event["id"])
            self.contacts.append(conversation["contact"])
        self.between()
        seen = [*machine_input["variables"].get("seen", ()), event["id"]]
        trail = [{"node": machine_input["at"], "visit": visit}]
        return {**waits(), "variables": {"seen": seen}, "visits": visit, "trail": trail}


class _Interrupted:
    """The store, with something between a call and what follows."""

    def __init__(self, store: FakePlaces, between: Callable[[], None]) -> None:
        self._store = store
        self._between = between

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)

        def interrupted(*given: Any) -> Any:
            self._between()
            answer = call(*given)
            self._between()
            return answer

        return interrupted
