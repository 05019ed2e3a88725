"""Walks one turn: load, decide, run the machine as often as needed, save. The only writer of sessions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from chatflow.adapters.dynamodb.sessions import Loaded
from chatflow.conversation.erasure import forgotten
from chatflow.conversation.event_guards import SESSION_RUNNING, refused, stale
from chatflow.conversation.events import ERASE, OPERATOR, STATUS, Event, continue_event, timeout_event
from chatflow.conversation.session import SHORTEST_MEMORY_DAYS, Session
from chatflow.conversation.turn import BUDGET_SECONDS, VISIT_SECONDS, VISITS_PER_TURN, Run, Turn
from chatflow.errors import NotPublished
from conversation import turn_record

_SOONEST_DEADLINE = 60  # seconds; a schedule must lie ahead, and a thumb on a message does not postpone the deadline

Ending = Literal["repeated", "stale", "refused", "noted", "erased", "forgotten", "waiting", "continuing", "ended"]


class SessionStore(Protocol):
    def load(self, conversation: str, event_id: str) -> Loaded: ...
    def save(self, session: Session, event_id: str, record: dict[str, Any], now: int) -> None: ...
    def note(self, conversation: str, event_id: str, record: dict[str, Any], expires_at: int) -> None: ...
    def set_aside(self, conversation: str, event_id: str, letter: dict[str, Any], expires_at: int) -> None: ...


class PublishedFlows(Protocol):
    def live(self, flow: str) -> dict[str, Any]: ...
    def slice(self, flow: str, version: int, node: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class World:
    """What a turn needs of the world. `clock` is in seconds since the epoch.

    `erase` returns when nothing is left of a conversation of before a time.
    """

    sessions: SessionStore
    flows: PublishedFlows
    run_machine: Callable[[str, dict[str, Any]], dict[str, Any]]
    schedule: Callable[[int, Event], None]
    queue: Callable[[Event], None]
    erase: Callable[[str, int], None]
    clock: Callable[[], float] = time.time


def take_turn(event: Event, world: World) -> Ending:
    """All that happens for one event. Raises TurnFailed when nothing was saved and the event must come again."""
    began = world.clock()
    now = int(began)
    loaded = world.sessions.load(event["conversation"], event["id"])
    if ending := _without_a_turn(event, loaded, world, now):
        return ending
    turn = Turn(event, loaded.session, loaded.routes, now)
    visits = _walk(turn, world, began + BUDGET_SECONDS)
    session = _woken_again(turn, world)
    record = turn_record.record(event, loaded.session, session, visits, now)
    if turn.refused:
        record["refused"] = turn.refused
    world.sessions.save(session, event["id"], record, now)
    return session.state


def _without_a_turn(event: Event, loaded: Loaded, world: World, now: int) -> Ending | None:
    """What an event comes to that moves no session, if it is one."""
    session = loaded.session

    def note(**more: Any) -> None:
        kept = session.expires_after if session else SHORTEST_MEMORY_DAYS * 86_400
        noted = turn_record.note(event, session, now, **more)
        world.sessions.note(event["conversation"], event["id"], noted, now + kept)

    if event["kind"] == ERASE and not stale(event, session):
        # It has no record, which would be a trace itself. Repeated, it leaves alone what came since.
        world.erase(event["conversation"], event["at"])
        return "erased"
    if loaded.erased_at and forgotten(event, loaded.erased_at, session):
        return "forgotten"
    if loaded.repeated:
        return "repeated"
    if event["kind"] == STATUS:
        note()
        return "noted"
    if stale(event, session):
        if event["kind"] == OPERATOR or "fence" in event:  # someone looks for what became of it
            note(stale=True)
        return "stale"
    if refused(event, session):
        note(refused=SESSION_RUNNING)
        return "refused"
    return None


def _walk(turn: Turn, world: World, until: float) -> list[dict[str, Any]]:
    """Run the machine as often as the turn needs; gives what was visited."""
    visits: list[dict[str, Any]] = []
    while not turn.idle:
        if turn.to_begin:
            _begin(turn, world)
            continue
        if turn.to_leave:
            _leave(turn, world)
            continue
        if world.clock() + VISIT_SECONDS > until:
            turn.defer()
            break
        run = turn.step()
        if run is None:
            continue
        try:
            given = _given(run, turn.session, world, until)
        except NotPublished:
            turn.missing()
            continue
        result = world.run_machine(_name(turn.session, len(visits)), given)
        visits += result["trail"]
        if run.say:
            turn.said(result)
        else:
            turn.apply(result, int(world.clock()))
    return visits


def _woken_again(turn: Turn, world: World) -> Session:
    """The session to save, when what wakes it next is queued or scheduled.

    That comes before it is saved: the event waits behind this one in its group, and is ignored if the save fails. The
    other way round, a crash between the two would leave a session that nothing wakes.
    """
    session = turn.session
    if turn.unfinished:
        world.queue(continue_event(session.conversation, session.session, session.turn))
    elif session.waiting:
        deadline = max(session.waiting.deadline, int(world.clock()) + _SOONEST_DEADLINE)
        session = replace(session, waiting=replace(session.waiting, deadline=deadline))
        world.schedule(deadline, timeout_event(session.conversation, session.session, session.turn, deadline))
    return session


def _begin(turn: Turn, world: World) -> None:
    try:
        turn.began(world.flows.live(turn.to_begin))
    except NotPublished:
        turn.missing()


def _leave(turn: Turn, world: World) -> None:
    session = turn.session
    # A node that waits is the first of its own slice; one that was still to be entered stands in the slice before it.
    slice = session.at if session.state == "waiting" else session.slice
    try:
        turn.left(world.flows.slice(session.flow, session.version, slice)["nodes"][session.at])
    except NotPublished:
        turn.missing()


def _given(run: Run, session: Session, world: World, until: float) -> dict[str, Any]:
    """The input of the state machine: a slice of the flow, where to begin, and what the nodes need to know."""
    if run.say:
        config = {"say": run.say}
        nodes: dict[str, Any] = {
            "saying": {"type": "text", "seconds": 20, "config": config, "exits": {"sent": "end", "failed": "end"}}
        }
        at = "saying"
    else:
        nodes = world.flows.slice(session.flow, session.version, session.slice)["nodes"]
        at = session.at
    return {
        "nodes": nodes,
        "at": at,
        "phase": run.phase,
        "event": run.event,
        "memo": run.memo or {},
        "variables": session.variables,
        "visits": session.visits,
        "most_visits": session.visits + VISITS_PER_TURN,
        "until": int(until * 1000),
        "flow": session.flow,
        "session": session.session,
        "turn": session.turn,
        "retention_days": session.retention_days,
        "conversation": {
            "key": session.conversation,
            "channel": session.channel,
            "account": session.account,
            "contact": session.contact,
            "name": session.name,
        },
    }


def _name(session: Session, visits: int) -> str:
    """The execution's name, found again in the console: conversation, turn, and how many visits came before."""
    return f"{session.conversation}-{session.turn}-{visits}"
