"""Runs the turn of one event: load, decide, run the state machine, save. The only writer of sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

from chatflow.adapters.dynamodb.failed_runs import Runs
from chatflow.adapters.dynamodb.places import UnreadableSession
from chatflow.adapters.dynamodb.sessions import LoadedConversation
from chatflow.conversation import owed
from chatflow.conversation.deadlines import present_timeout, serves, timer_for
from chatflow.conversation.event_guards import SESSION_RUNNING, is_refused_start, is_stale, predates_erasure
from chatflow.conversation.events import ERASE, OPERATOR, OWED, STATUS, TIMEOUT, Event, owed_event, timeout_event
from chatflow.conversation.identity import Alias, Links, keys_to_erase, linked
from chatflow.conversation.pause import is_only_noted
from chatflow.conversation.position import redriven_from
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.conversation.run import Run
from chatflow.conversation.session import Session
from chatflow.conversation.turn import Turn
from chatflow.conversation.turn_limits import BUDGET_SECONDS, LEAST_VISIT_SECONDS, VISIT_SECONDS, VISITS_PER_TURN
from chatflow.conversation.undelivered import watch, watched_by
from chatflow.errors import NotPublished, TurnFailed, Unreadable
from chatflow.integrations.holding import held_call
from chatflow.nodes.tasks import SEND_TEXT, STORE_FILE
from conversation import one_person, turn_record
from conversation.starting import OldRoutesError, start_flow

_TEXT_SECONDS = 20  # the longest that sending one text may take
_MIN_DEADLINE_SECONDS = 1  # a timer lies ahead; a thumb on a message does not postpone a deadline that has just passed

Ending = Literal[
    "repeated",
    "stale",
    "refused",
    "noted",
    "unknown",
    "erased",
    "forgotten",
    "forwarded",
    "moved",
    "waiting",
    "continuing",
    "paused",
    "ended",
]


class Sessions(Protocol):
    """The store `chatflow.adapters.dynamodb.sessions.SessionStore`, or a fake of it."""

    def load(self, conversation: str, event_id: str, aliases: Iterable[str] = ()) -> LoadedConversation: ...
    def save(
        self, session: Session, event_id: str, record: dict[str, Any], now: int, links: Links | None = None
    ) -> None: ...
    def newer_routes(self, than: dict[str, Any]) -> dict[str, Any] | None: ...
    def save_alias(self, alias: Alias) -> bool: ...
    def mark_unreadable(self, conversation: str, reason: str, now: int) -> None: ...
    def remove_unreadable(self, conversation: str, session: UnreadableSession, expires_at: int) -> None: ...
    def save_note(self, conversation: str, event_id: str, record: dict[str, Any], expires_at: int) -> None: ...
    def save_failure(self, conversation: str, event_id: str, failure: dict[str, Any], expires_at: int) -> None: ...


class FailedRuns(Protocol):
    """The store `chatflow.adapters.dynamodb.failed_runs.FailedRuns`, or a fake of it."""

    def begin(self, conversation: str, event_id: str) -> Runs: ...
    def fail(self, conversation: str, event_id: str, reason: str, change: int) -> Runs: ...
    def forget(self, conversation: str, event_id: str) -> None: ...
    def claim_apology(self, conversation: str, session: str, turn: int) -> bool: ...


class PublishedFlows(Protocol):
    def live(self, flow: str, at_least: int = 0) -> dict[str, Any]: ...
    def slice(self, flow: str, version: int, node: str) -> dict[str, Any]: ...


def _window(channel: str) -> int:
    from chatflow.channels import manifest  # only a conversation that owes a message needs it

    return manifest.load(channel).window


@dataclass(frozen=True)
class Dependencies:
    """The ports of a turn. `clock` is in seconds since the epoch.

    `erase(conversation, at, keys)` returns when nothing is left of the conversation from before `at`, nor under `keys`.
    `window` is the time in seconds in which a business may write on a channel after its customer's last message.
    `report` writes a log line. `task_types` is the node type of each task outside of a flow's nodes.
    """

    sessions: Sessions
    flows: PublishedFlows
    run_machine: Callable[[str, dict[str, Any]], dict[str, Any]]
    schedule: Callable[[int, Event], None]
    queue: Callable[[Event], None]
    erase: Callable[[str, int, list[str]], None]
    runs: FailedRuns
    dead_letter: Callable[[Event], None]
    task_types: Mapping[str, str]
    window: Callable[[str], int] = _window
    report: Callable[[str, dict[str, Any]], None] = lambda _what, _about: None
    clock: Callable[[], float] = time.time


def run_turn(event: Event, dependencies: Dependencies) -> Ending:
    """Process one event completely. Raises TurnFailed when nothing was saved and the event must come again.

    Raises Unreadable when the session's row cannot be read.
    """
    started = dependencies.clock()
    now = int(started)
    loaded = dependencies.sessions.load(event["conversation"], event["id"], event.get("aliases", ()))
    if followed := one_person.follow(event, loaded, dependencies, now):
        return followed
    loaded = one_person.with_arrivals(event, loaded)
    event = _of_the_present_wait(event, loaded.session, now)
    if ending := _end_without_turn(event, loaded, dependencies, now):
        return ending
    turn = Turn(event, loaded.session, loaded.routes, now)
    try:
        visits = _run_machine(turn, dependencies, started + BUDGET_SECONDS, loaded.routes)
    except OldRoutesError as error:
        turn = Turn(event, loaded.session, error.newer, now)
        visits = _run_machine(turn, dependencies, started + BUDGET_SECONDS, error.newer)
    session = one_person.renew_aliases(event, _with_next_event(turn, dependencies), dependencies, now)
    session = replace(session, redriven_from=redriven_from(event, loaded.session, session))
    session, links = linked(event, loaded.known, session, now)
    record = turn_record.record(event, loaded.session, session, visits, now)
    _report_owed(session, visits, dependencies)
    _report_held(session, dependencies)
    if turn.refused:
        record["refused"] = turn.refused
    dependencies.sessions.save(session, event["id"], record, now, links)
    return session.state


def _of_the_present_wait(event: Event, session: Session | None, now: int) -> Event:
    """The event; for the timer of an earlier turn, on which the session relies, the one of the deadline that has come.

    Its turn cannot have been taken before: the session would have moved on.
    """
    if event["kind"] != TIMEOUT or "fence" in event or session is None:
        return event
    present = present_timeout(event, session.awaited)
    return present if present and present["deadline"] <= now else event


def _report_owed(session: Session, visits: list[dict[str, Any]], dependencies: Dependencies) -> None:
    """Log what the conversation owes and what it gave up: an alarm counts these lines."""
    about = {"conversation": session.conversation}
    if session.owed:
        waited = int(dependencies.clock()) - min(message.since for message in session.owed)
        dependencies.report("owed", {**about, "messages": len(session.owed), "oldest_seconds": waited})
    for visit in visits:
        if visit.get("phase") == "deliver" and (reason := visit["effects"][0].get("reason")):
            dependencies.report("owed message given up", {**about, "node": visit["node"], "reason": reason})


def _report_held(session: Session, dependencies: Dependencies) -> None:
    """Log a call that is held because the business's API is in trouble: an alarm reads how long."""
    if held := held_call(session.held_call or {}):
        seconds = max(0, int(dependencies.clock()) - held.since)
        about = {"conversation": session.conversation, "node": session.node, "reason": held.reason}
        dependencies.report("held", {**about, "tries": held.tries, "held_seconds": seconds})


def _end_without_turn(event: Event, loaded: LoadedConversation, dependencies: Dependencies, now: int) -> Ending | None:
    """The ending of an event that changes no session; None for an event that gets a turn."""
    session = loaded.session

    def save_note(**more: Any) -> None:
        seconds = session.expires_after(now) if session else MIN_RETENTION_DAYS * 86_400
        note = turn_record.note(event, session, now, **more)
        dependencies.sessions.save_note(event["conversation"], event["id"], note, now + seconds)

    if event["kind"] == ERASE and not is_stale(event, session):
        # An erasure has no turn record, which would be a trace itself. Repeated, it leaves alone what came since.
        dependencies.erase(event["conversation"], event["at"], keys_to_erase(event, loaded.known))
        return "erased"
    if loaded.erased_at and not loaded.unreadable and predates_erasure(event, loaded.erased_at, session):
        return "forgotten"
    if loaded.repeated:
        return "repeated"
    if loaded.unreadable and event["kind"] == OPERATOR and event["action"] == "stop":
        expires = now + MIN_RETENTION_DAYS * 86_400
        dependencies.sessions.remove_unreadable(event["conversation"], loaded.unreadable, expires)
        save_note(unreadable=loaded.unreadable.reason)
        return "ended"
    if loaded.unreadable and event["kind"] != STATUS:
        dependencies.sessions.mark_unreadable(event["conversation"], loaded.unreadable.reason, now)
        raise Unreadable(loaded.unreadable.reason)
    if event["kind"] == STATUS and session is None:
        return "unknown"  # nobody sent that message, or all that is known of it has expired
    unwatched = event["kind"] == STATUS and watched_by(session, event) is None
    if unwatched or is_only_noted(event, session, loaded.routes, now):
        save_note()
        return "noted"
    if is_stale(event, session):
        if event["kind"] == TIMEOUT and session and (present := present_timeout(event, session.awaited)):
            dependencies.schedule(present["deadline"], present)  # an earlier turn's timer, on which this wait relies
        if event["kind"] == OPERATOR or "fence" in event:  # a person looks for the result of these
            save_note(stale=True)
        return "stale"
    if is_refused_start(event, session):
        save_note(refused=SESSION_RUNNING)
        return "refused"
    return None


def _run_machine(turn: Turn, dependencies: Dependencies, until: float, routes: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the state machine as often as the turn needs; returns the visits. `until`: when the turn's budget ends.

    Raises OldRoutesError before the first run.
    """
    visits: list[dict[str, Any]] = []
    ran = False
    while not turn.idle:
        if turn.flow_to_start:
            start_flow(turn, dependencies, None if ran else routes)
            continue
        if turn.gives_up_node:
            _leave_node(turn, dependencies)
            continue
        if dependencies.clock() + LEAST_VISIT_SECONDS > until:
            turn.defer()
            break
        run = turn.next_run()
        if run is None:
            visits += turn.given_up
            turn.given_up.clear()
            continue
        try:
            machine_input = _machine_input(run, turn.session, dependencies, until)
        except NotPublished:
            turn.end_unpublished()
            continue
        ran = True
        try:
            result = dependencies.run_machine(_execution_name(turn.session, len(visits)), machine_input)
        except TurnFailed:
            if run.owed is None:
                raise
            turn.postpone_delivery(int(dependencies.clock()))
            continue
        _apply(run, result, machine_input["nodes"], turn, dependencies)
        visits += result["trail"]
    return visits


def _apply(run: Run, result: dict[str, Any], nodes: dict[str, Any], turn: Turn, dependencies: Dependencies) -> None:
    """Apply the result of a run of these nodes. What visits owe is taken out of their records."""
    now, trail = int(dependencies.clock()), result["trail"]
    if run.owed:
        turn.apply_delivery(trail[-1], now)
        if (run.owed.session, run.owed.flow) == (turn.session.session, turn.session.flow):
            turn.session = watch(turn.session, {}, trail)
        return
    if any("owed" in visit for visit in trail):
        turn.owe(trail, nodes, window=dependencies.window(turn.session.channel), now=now)
    if run.text or run.stores_file:
        turn.apply_text(result)
    else:
        waiting = nodes.get(result.get("at", ""), {})
        turn.apply(result, now, files_ahead=bool(waiting.get("files_ahead")))
        turn.session = watch(turn.session, nodes, trail)


def _with_next_event(turn: Turn, dependencies: Dependencies) -> Session:
    """The session to save, after the event that wakes it next was queued or scheduled.

    That happens before the session is saved: the event waits behind this one in its group, and is ignored if the save
    fails. The other way round, a crash between the two would leave a session that nothing wakes.
    """
    session = _with_owed_timer(turn, dependencies)
    if turn.unfinished:
        dependencies.queue(turn.next_event)
    elif session.paused:
        until = max(session.paused.until, int(dependencies.clock()) + _MIN_DEADLINE_SECONDS)
        session = _with_timer(replace(session, paused=replace(session.paused, until=until)), dependencies)
    elif session.waiting:
        deadline = max(session.waiting.deadline, int(dependencies.clock()) + _MIN_DEADLINE_SECONDS)
        session = _with_timer(replace(session, waiting=replace(session.waiting, deadline=deadline)), dependencies)
    return session


def _with_timer(session: Session, dependencies: Dependencies) -> Session:
    """The session, after a timer for its deadline was set, unless an earlier turn's timer will do."""
    now, deadline = int(dependencies.clock()), session.deadline
    if serves(session.timer, deadline, now):
        return session
    dependencies.schedule(deadline, timeout_event(session.conversation, session.session, session.turn, deadline))
    return replace(session, timer=timer_for(deadline, now))


def _with_owed_timer(turn: Turn, dependencies: Dependencies) -> Session:
    """The session, after a timer for its owed messages was set, unless an earlier turn's timer will do."""
    session = owed.with_deadline(turn.session)
    now = int(dependencies.clock())
    wake = owed.wake_at(session, now)
    fired = turn.event["kind"] == OWED or session.owed_wake <= now
    if wake and (fired or wake < session.owed_wake):
        dependencies.schedule(wake, owed_event(session.conversation, session.turn, wake))
        return replace(session, owed_wake=wake)
    return session if wake else replace(session, owed_wake=0)


def _leave_node(turn: Turn, dependencies: Dependencies) -> None:
    session = turn.session
    # A node that waits is the first of its own slice; one that was still to be entered is in the slice before it.
    slice = session.slice_to_resume if session.state == "waiting" else session.slice
    try:
        turn.leave_node(dependencies.flows.slice(session.flow, session.version, slice)["nodes"][session.node])
    except NotPublished:
        turn.end_unpublished()


def _machine_input(run: Run, session: Session, dependencies: Dependencies, until: float) -> dict[str, Any]:
    """The input of the state machine: a slice of the flow, the node to begin with, and what its nodes need.

    `at` is that node, `memo` the wait state of a node that resumes.
    """
    nodes: dict[str, Any]
    if run.owed:
        message = run.owed
        nodes = {
            message.node: {
                "type": message.node_type,
                "seconds": message.seconds,
                "config": {"owed": asdict(message)},
                "exits": {},
            }
        }
        node = message.node
    elif run.text:
        config = {"say": run.text}
        exits = {"sent": "end", "failed": "end"}
        kind = dependencies.task_types[SEND_TEXT]
        nodes = {"saying": {"type": kind, "seconds": _TEXT_SECONDS, "config": config, "exits": exits}}
        node = "saying"
    elif run.stores_file:
        exits = {"stored": "end", "failed": "end"}
        config = {"direction": "store"}
        kind = dependencies.task_types[STORE_FILE]
        nodes = {"storing": {"type": kind, "seconds": VISIT_SECONDS, "config": config, "exits": exits}}
        node = "storing"
    else:
        nodes = dependencies.flows.slice(session.flow, session.version, session.slice)["nodes"]
        node = session.node
    return {
        "nodes": nodes,
        "at": node,
        "phase": run.phase,
        "event": run.event,
        "memo": run.wait_state or {},
        "variables": session.variables,
        "visits": session.visits,
        "owes": owed.owed_bytes(session),
        "most_visits": session.visits + VISITS_PER_TURN,
        "until": int(until * 1000),
        "flow": run.owed.flow if run.owed else session.flow,
        "session": run.owed.session if run.owed else session.session,
        "turn": session.turn,
        "retention_days": session.retention_days,
        "conversation": {
            "key": session.conversation,
            "channel": session.channel,
            "account": session.account,
            "contact": session.contact,
            "name": session.name,
            "formerly": list(session.formerly),
            "last_message_at": session.last_message_at,
        },
    }


def send_text(text: str, event: Event, session: Session, dependencies: Dependencies) -> None:
    """Send one text to the contact of a session, without a turn. Sent once for the event, however often it is asked."""
    until = dependencies.clock() + _TEXT_SECONDS
    machine_input = _machine_input(Run(event, text=text), session, dependencies, until)
    machine_input["owes"] = 0  # it is tried now, whatever is owed: without a turn, nothing stores what waits
    dependencies.run_machine(_execution_name(session, session.visits), machine_input)


def _execution_name(session: Session, visits: int) -> str:
    """The execution's name, to be found in the console: conversation, turn, and the number of visits before it."""
    return f"{session.conversation}-{session.turn}-{visits}"
