"""A conversation in virtual time: real turns, rules and sending, on a channel that fails by a script.

The state machine, the tables and the channel are fakes. `World.run` processes events until nothing is left to happen.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from chatflow.adapters.message_sender import MessageSender
from chatflow.conversation.events import Action, Event, message_event, operator_event
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable, TurnFailed
from chatflow.flows.compilation import cut
from chatflow.media.reference import MediaReference
from chatflow.messages import IncomingMedia, IncomingMessage, outgoing_to_json
from chatflow.nodes.contract import Outcome, Visit, within_limit
from chatflow.nodes.ports import Ports
from conversation.run_turn import Dependencies, Ending, run_turn
from tests.fakes.node_types import TASK_TYPES
from tests.fakes.redelivery import run_machine
from tests.fakes.turns import NOW, FakeFlows, FakeRuns, FakeSessions, version
from tests.fakes.visit import FakePorts

HOUR, DAY = 3600, 86_400
CONTACT = "16505551234"

# What the channel does with one attempt to send.
OK, REFUSED, LIMIT, FAILS_BEFORE, FAILS_AFTER, DIES_BEFORE, DIES_AFTER, NEVER = (
    *("ok", "connection refused", "limit", "fails before", "fails after", "dies before", "dies after", "refused"),
)
LIES = "says that a limit was reached, and sends the message"
TROUBLE = (REFUSED, LIMIT, FAILS_BEFORE, FAILS_AFTER, DIES_BEFORE, DIES_AFTER)


class WorkerDied(BaseException):
    """Power loss: nothing handles it but the queue, which delivers the event again."""


@dataclass
class FakeChannel:
    """Takes messages, or fails as `script` says, attempt by attempt; afterwards as `then` says."""

    clock: Callable[[], float]
    script: list[str] = field(default_factory=list)
    then: str = OK
    retry_after: float = 0.0
    status_seconds: float = 5.0  # until the status of a sent message is known; infinite: no status arrives
    heard: list[str] = field(default_factory=list)
    attempts: list[tuple[float, str, str]] = field(default_factory=list)  # time, content, what happened
    statuses: dict[str, tuple[float, str]] = field(default_factory=dict)

    def transmit(self, content: dict[str, Any], tag: str, sent: list[str]) -> None:
        if sent:
            return
        does = self.script.pop(0) if self.script else self.then
        name = (
            content["file"]["filename"] if "file" in content else str(content.get("text") or content["choices"]["body"])
        )
        self.attempts.append((self.clock(), name, does))
        if does in (OK, FAILS_AFTER, DIES_AFTER, LIES):
            self.heard.append(name)
            self.statuses.setdefault(tag, (self.clock() + self.status_seconds, f"wamid.{len(self.heard)}"))
        if does == REFUSED:
            raise ChannelUnavailable("could not be reached")
        if does in (LIMIT, LIES):
            raise ChannelUnavailable("too many", self.retry_after)
        if does in (FAILS_BEFORE, FAILS_AFTER):
            raise ChannelInDoubt("HTTP 503")
        if does in (DIES_BEFORE, DIES_AFTER):
            raise WorkerDied
        if does == NEVER:
            raise ChannelRefused(131047, "the window is closed")
        sent.append(f"wamid.{len(self.heard)}")

    def find_sent(self, tag: str) -> str:
        at, id = self.statuses.get(tag, (float("inf"), ""))
        return id if at <= self.clock() else ""


@dataclass
class FakeRecords:
    """Behaves like the table of effects. `no_slot` are the errors of the account's rate, attempt by attempt."""

    visit: Visit
    rows: dict[str, dict[str, Any]]
    no_slot: list[ChannelUnavailable] = field(default_factory=list)

    def key(self, name: str) -> str:
        visit = self.visit
        return f"{visit.session}/{visit.turn}/{visit.event.get('id')}/{visit.visit}/{visit.node}/{name}"

    def send(self, key: str, act: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
        if key not in self.rows and self.no_slot:
            raise self.no_slot.pop(0)
        row = self.rows.setdefault(key, {"tries": 0})
        if "result" in row:
            if refused := row["result"].get("refused"):
                raise refused
            return {**row["result"], "repeated": True}
        if row["tries"] == 2:
            return {"in_doubt": True}
        row["tries"] += 1
        try:
            row["result"] = act(row["tries"] - 1)
        except ChannelRefused as error:
            row["result"] = {"refused": error}
            raise
        result: dict[str, Any] = row["result"]
        return result


class WorldPorts(FakePorts):
    """The ports of a visit in the world; messages go to its channel."""

    def __init__(self, visit: Visit, world: World) -> None:
        super().__init__(taken=PHOTO, assets={"leaflet.pdf": LEAFLET}, clock=lambda: int(world.now * 1000))
        records = FakeRecords(visit, world.effects, world.no_slot)
        self.sender = MessageSender(visit, records, world.channel.transmit, world.channel.find_sent, lambda: None)

    def send_message(self, effect: str, message: Any) -> dict[str, Any]:
        return self.sender.send(effect, outgoing_to_json(message))

    def send_file(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        return self.sender.send(effect, {"file": media.to_json(), "caption": caption})


class WorldFlows(FakeFlows):
    """Holds the slices that publishing would cut, and no others."""

    def slice(self, flow: str, version: int, node: str) -> dict[str, Any]:
        return cut(self.nodes, "first", None)[node]


PHOTO = MediaReference("media/c_ann/s/1", "a" * 64, 10, "image/jpeg", "image", "photo.jpg")
LEAFLET = MediaReference("library/assets/b", "b" * 64, 10, "application/pdf", "document", "leaflet.pdf")


@dataclass
class World:
    """One customer and one flow. `nodes` are compiled nodes; the flow starts with the node `first`."""

    nodes: dict[str, dict[str, Any]]
    routes: dict[str, Any] = field(default_factory=lambda: {"routes": [{"flow": "claims"}]})
    timeout: int = 600
    now: float = NOW

    def __post_init__(self) -> None:
        self.channel = FakeChannel(lambda: self.now)
        self.sessions = FakeSessions(self.routes)
        self.effects: dict[str, dict[str, Any]] = {}
        self.no_slot: list[ChannelUnavailable] = []
        self.endings: list[Ending] = []
        self.broken: set[str] = set()  # phases whose visits raise
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self._events: list[tuple[float, int, Event]] = []
        self._numbers = itertools.count(1)

    def send(self, *, at: float = 0, text: str = "", photo: bool = False) -> None:
        """The customer sends a message, `at` seconds after the world's beginning."""
        number = next(self._numbers)
        message = IncomingMessage(
            id=f"wamid.in{number}", channel="whatsapp", account="106", contact=CONTACT, name="Ann",
            kind="media" if photo else "text", at=int(NOW + at), text=text,
            media=IncomingMedia(f"m{number}", "image") if photo else None,
        )  # fmt: skip
        self.queue(message_event(message, "c_ann"), NOW + at)

    def act(self, action: Action) -> None:
        """An operator acts on the session as it is now."""
        session = self.session
        number = str(next(self._numbers))
        self.queue(operator_event(number, "c_ann", session.session, session.turn, action=action, by="ann"))

    def queue(self, event: Event, at: float = 0) -> None:
        heapq.heappush(self._events, (max(at, self.now), next(self._numbers), event))

    def run(self, *, until: float = 30 * DAY) -> None:
        """Process events in the order of time until none is left. A turn that failed comes again a little later."""
        while self._events and self._events[0][0] <= NOW + until:
            at, number, event = heapq.heappop(self._events)
            self.now = max(self.now, at)
            try:
                self.endings.append(run_turn(event, self.dependencies()))
            except (WorkerDied, TurnFailed):
                # Its group waits behind it.
                self.now += 180
                heapq.heappush(self._events, (0, number, event))

    def dependencies(self) -> Dependencies:
        flow = version("claims", timeout=self.timeout)
        return Dependencies(
            sessions=self.sessions,
            flows=WorldFlows({"claims": flow}, self.nodes),
            run_machine=lambda _name, given: run_machine(given, self._invoke, lambda: self.now),
            task_types=TASK_TYPES,
            schedule=lambda at, event: self.queue(event, at),
            queue=self.queue,
            erase=lambda _conversation, _at, _keys: self.erase(),
            runs=FakeRuns(),
            dead_letter=lambda _event: None,
            report=lambda what, about: self.reports.append((what, about)),
            clock=lambda: self.now,
        )

    def erase(self) -> None:
        self.sessions.session = None
        self.sessions.records.clear()

    def ports(self, visit: Visit) -> WorldPorts:
        return WorldPorts(visit, self)

    def _invoke(self, node_type: str, visit_json: dict[str, Any]) -> dict[str, Any]:
        """What `chatflow.adapters.node_handler` does, with the ports of this world."""
        from importlib import import_module

        visit = Visit.from_json(visit_json)
        if visit.phase in self.broken:
            raise TurnFailed("the turn's execution ended FAILED")
        ports = self.ports(visit)
        if visit.phase == "deliver":
            outcome = Outcome(exit="delivered", effects=(ports.sender.deliver(visit.config["owed"]),))
        else:
            rule: Callable[[Visit, Ports], Outcome] = import_module(f"nodes.{node_type}.rule").visit
            outcome = within_limit(rule(visit, ports), visit.variables, "failed")
        record = {"visit": visit.visit, "flow": visit.flow, "node": visit.node, "phase": visit.phase}
        record |= {"exit": outcome.exit, "waits": outcome.wait is not None, "effects": list(outcome.effects)}
        if ports.sender.owed:
            record |= {"owed": ports.sender.owed, "owes": ports.sender.owes}
        return {**outcome.to_json(), "record": record}

    def take_event(self) -> Event:
        """The next event, which is out of the queue then."""
        return heapq.heappop(self._events)[2]

    @property
    def session(self) -> Any:
        return self.sessions.session

    @property
    def visits(self) -> list[dict[str, Any]]:
        """The records of all visits, in the order of turns."""
        return [visit for record in self.sessions.records.values() for visit in record.get("visits", ())]

    def left(self, node: str) -> list[dict[str, Any]]:
        """The visits that left the node."""
        ran = (visit for visit in self.visits if visit["node"] == node and visit["phase"] != "deliver")
        return [visit for visit in ran if visit["exit"]]

    def exits(self, node: str) -> list[str]:
        return [visit["exit"] for visit in self.left(node)]

    def most_heard(self) -> int:
        return max(Counter(self.channel.heard).values(), default=0)


def text(say: str, then: str = "end", **exits: str) -> dict[str, Any]:
    return {"type": "text", "seconds": 20, "waits": False, "config": {"say": say}, "exits": {"sent": then, **exits}}


def asks_for_a_photo(prompt: str, then: str = "end", *, seconds: int = 600, **exits: str) -> dict[str, Any]:
    config = {
        "direction": "inbound", "prompt": prompt, "reprompt": "", "already_sent": "", "accept": ["image"],
        "attempts": 3, "timeout": seconds, "save_as": "photo", "unsafe_exit": True,
    }  # fmt: skip
    return {"type": "media", "seconds": 60, "waits": True, "config": config, "exits": {"received": then, **exits}}


def sends_the_leaflet(then: str = "end", **exits: str) -> dict[str, Any]:
    config = {"direction": "outbound", "source": {"asset": "leaflet.pdf"}, "caption": "", "filename": ""}
    return {"type": "media", "seconds": 60, "waits": False, "config": config, "exits": {"sent": then, **exits}}


def first_hearings(heard: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(heard))
