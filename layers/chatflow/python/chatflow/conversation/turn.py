"""What a turn decides: which runs of the state machine one event needs, and what the session becomes by each.

Pure: `Turn.step` says what to run next, `Turn.apply` takes what came of it. The conversation function walks them.
What a turn has still to do always stands in the session or in its inbox, so that it can stop between any two runs.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from chatflow.conversation.event_guards import SESSION_RUNNING, awaited, refused
from chatflow.conversation.events import CONTINUE, OPERATOR, SCAN, START, TIMEOUT, Event, continue_event, message_of
from chatflow.conversation.routing import flow_for, leaving
from chatflow.conversation.session import Session, Waiting, session_id
from chatflow.messages import IncomingMessage

BUDGET_SECONDS = 120  # of one turn; the state machine stops before a node that no longer fits
VISIT_SECONDS = 60  # the longest that one visit may take, retries included
FLOWS_PER_TURN = 10  # a flow may continue with another; more than this is a loop
VISITS_PER_TURN = 100
# How a node is left that an operator gives up on: the first of these that it has.
_WAYS_TO_GIVE_UP = ("gave_up", "failed", "failure")
# What is kept of what a customer sends while a file is scanned. An album may have a hundred files; an item of the table
# ends at 400 KB, and its variables may take 64.
MOST_HELD = 100
MOST_HELD_BYTES = 128 * 1024
TOO_MANY_HELD = "too_many_held"  # why a message came to nothing

# Things that people do to messages, rather than say: no one expects an answer to a thumb.
_QUIET = frozenset({"reaction", "system", "edited", "deleted", "revoke"})

# What a turn puts into its own inbox, beside events.
_SAY = "say"  # a text of the routes, such as the answer to `stop`
_BEGIN = "begin"  # the flow that follows such a text
_OPENING = (
    "opening"  # the file that began a flow: its first Media node gets it, if it is what the session then waits for
)


@dataclass(frozen=True)
class Run:
    """One execution of the state machine: the session's flow from where it stands, or, with `say`, only a text."""

    event: Event
    phase: str = "enter"
    say: str = ""
    memo: dict[str, Any] | None = None


class Turn:
    """One event's turn. `session` is always what would be saved now."""

    def __init__(self, event: Event, session: Session | None, routes: dict[str, Any], now: int) -> None:
        """`now` is in seconds since the epoch. A stale or refused event must not get here."""
        known = session or Session(event["conversation"], event["channel"], event["account"], event["contact"])
        if message := message_of(event):
            heard_at = max(known.heard_at, min(message.at, now))
            known = replace(known, contact=event["contact"], name=event.get("name", ""), heard_at=heard_at)
        self.event = event
        if not known.running:  # what a session knew ends with it; its transcript has a time of its own
            known = replace(known, variables={}, sensitive=())
        self.session = replace(known, turn=known.turn + 1, pending=())
        self._inbox: deque[Event] = deque(known.pending)
        self.to_begin = ""  # a flow whose live version the turn needs before anything else
        self.to_leave = False  # the turn needs the exits of the node where the session stands before anything else
        self.refused = ""  # why the event itself came to nothing
        self._routes = routes
        self._now = now
        # What was left to do is done under one name, whichever event comes first: so its effects are known again.
        left = known.state == "continuing" or bool(known.pending)
        self._last: Event = continue_event(known.conversation, known.session, known.turn) if left else event
        self._flows = 0
        self._accept(event, left)

    @property
    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        return self.session.state != "continuing" and not (self._inbox or self.to_begin or self.to_leave)

    def step(self) -> Run | None:
        """What to run next; None when what came next needs no run.

        Not to be asked while a flow is to begin or a node to be left.
        """
        if self.session.state == "continuing":
            return Run(self._last)
        return self._take(self._inbox.popleft())

    def began(self, version: dict[str, Any]) -> None:
        """The flow to begin was found: the session is now one of that version."""
        session = self.session
        fresh = session.state == "ended" or not session.session
        self.session = replace(
            session,
            session=session_id(session.conversation, self._last["id"]) if fresh else session.session,
            started_at=self._now if fresh else session.started_at,
            visits=0 if fresh else session.visits,
            variables=self._last.get("variables", {}) if fresh else session.variables,
            sensitive=() if fresh else session.sensitive,
            state="continuing",
            flow=version["flow"],
            version=version["version"],
            slice=version["start"],
            at=version["start"],
            waiting=None,
            timeout=version["session"]["timeout"],
            on_timeout=version["session"].get("on_timeout") or "",
            retention_days=version["retention_days"],
        )
        self.to_begin = ""

    def missing(self) -> None:
        """The flow, or the session's version of it, is not published: the session ends with the apology."""
        self.to_begin, self.to_leave = "", False
        self._end(say=self._routes.get("apology", ""))

    def left(self, node: dict[str, Any]) -> None:
        """The published node that an operator gave up on: the session goes where its exit leads."""
        self.to_leave = False
        self._let_go()
        session = self.session
        way = next((exit for exit in _WAYS_TO_GIVE_UP if exit in node["exits"]), "")
        target = node["exits"].get(way)
        if target is None:
            self._end(say=self._routes.get("apology", ""))
        elif target == "end":
            self._end()
        elif isinstance(target, dict):
            self.session = replace(session, state="continuing", waiting=None)
            self.to_begin = target["flow"]
        else:
            # What follows a node that waits stands in that node's own slice.
            slice = session.at if node["waits"] else session.slice
            self.session = replace(session, state="continuing", slice=slice, at=target, waiting=None)

    def apply(self, result: dict[str, Any], now: int) -> None:
        """Take what the state machine answered, `now`, about a run of the session (not of a saying)."""
        session = replace(
            self.session,
            variables=result["variables"],
            visits=result["visits"],
            waiting=None,
            sensitive=tuple(sorted({*self.session.sensitive, *_sensitive(result["trail"])})),
        )
        status = result["status"]
        if status == "waiting":
            waiting = self._waiting(result["wait"], now)
            self.session = replace(session, state="waiting", at=result["at"], waiting=waiting)
        elif status == "deferred":
            self.session = replace(session, state="continuing", at=result["at"])
        elif status == "another_flow" and self._flows < FLOWS_PER_TURN:
            self._flows += 1
            self.session = replace(session, state="continuing")
            self.to_begin = result["flow"]
        else:
            self.session = session
            self._end(say="" if status == "ended" else self._routes.get("apology", ""))

    def said(self, result: dict[str, Any]) -> None:
        """A saying was run: only its visits count."""
        self.session = replace(self.session, visits=result["visits"])

    def defer(self) -> None:
        """The budget is spent: what is left to do is kept in the session, for the `continue` event to take up."""
        self.session = replace(self.session, pending=tuple(self._inbox))

    @property
    def unfinished(self) -> bool:
        """Whether a `continue` event must follow."""
        return self.session.state == "continuing" or bool(self.session.pending)

    def _accept(self, event: Event, left: bool) -> None:
        """An event waits behind what is pending; but what a person decides comes before it.

        What is pending may be the very thing that fails each time: then nothing behind it would ever be reached.
        """
        if event["kind"] == OPERATOR:
            self._obey(event, left)
            return
        if event["kind"] == START and event.get("replace"):
            self._drop_everything()
        if event["kind"] != CONTINUE:
            self._inbox.append(event)

    def _obey(self, event: Event, left: bool) -> None:
        if event["action"] == "stop":
            self._drop_everything()
        elif event["action"] == "give_up" and self.session.at:
            self._last = event
            self.to_leave = True
        elif event["action"] == "retry" and not left:
            self._let_go()
            self.session = replace(self.session, state="continuing", slice=self.session.at, waiting=None)

    def _drop_everything(self) -> None:
        self._inbox.clear()
        self._end()

    def _take(self, event: Event) -> Run | None:
        if event["kind"] == _SAY:
            return Run(self._last, say=event["say"])
        if event["kind"] == _BEGIN:
            self.to_begin = event["flow"]
            return None
        if event["kind"] == _OPENING:
            expected = self.session.waiting is not None and "media" in self.session.waiting.expects
            return self._resume(event["event"]) if expected else None
        self._last = event
        if message := message_of(event):
            return self._take_message(message, event)
        if refused(event, self.session):
            self.refused = SESSION_RUNNING
        elif event["kind"] == START:
            self._end()
            self.to_begin = event["flow"]
        elif event["kind"] == TIMEOUT and self.session.waiting:
            if self.session.waiting.own:
                return self._resume(event)
            self._time_out()
        elif event["kind"] == SCAN and awaited(event, self.session):
            return self._resume(event)
        return None

    def _take_message(self, message: IncomingMessage, event: Event) -> Run | None:
        if message.other in _QUIET:
            return None
        if way_out := leaving(self._routes, message):
            present = self.session.flow if self.session.state == "waiting" else ""
            again = present or flow_for(self._routes, message)
            if flow := {"start": way_out.flow, "restart": again, "end": ""}[way_out.then]:
                self._inbox.appendleft({"kind": _BEGIN, "flow": flow})
            self._end(say=way_out.say)
        elif self.session.waiting and self.session.waiting.for_a_scan:
            self._hold(event)
        elif self.session.state == "waiting":
            return self._resume(event)
        elif message.kind == "other":
            self._say(self._routes.get("unsupported", ""))
        elif flow := flow_for(self._routes, message):
            self.to_begin = flow
            if message.kind == "media":
                self._inbox.appendleft({"kind": _OPENING, "event": event})
        else:
            self._say(self._routes.get("no_match", ""))
        return None

    def _hold(self, event: Event) -> None:
        """It was sent to what follows: the next photo of an album is for the next node."""
        held = (*self.session.held, event)
        if len(held) > MOST_HELD or len(json.dumps(held, ensure_ascii=False).encode()) > MOST_HELD_BYTES:
            self.refused = TOO_MANY_HELD
        else:
            self.session = replace(self.session, held=held)

    def _let_go(self) -> None:
        """What was held comes before everything that is still to be applied: it was sent earlier."""
        self._inbox.extendleft(reversed(self.session.held))
        self.session = replace(self.session, held=())

    def _resume(self, event: Event) -> Run:
        self._let_go()
        self._last = event
        waiting = self.session.waiting
        self.session = replace(self.session, slice=self.session.at)
        return Run(event, phase="resume", memo=waiting.memo if waiting else {})

    def _time_out(self) -> None:
        if self.session.on_timeout:
            node = self.session.on_timeout
            self.session = replace(self.session, state="continuing", slice=node, at=node, waiting=None, on_timeout="")
        else:
            self._end()

    def _end(self, say: str = "") -> None:
        self.session = replace(self.session, state="ended", waiting=None, at="", held=())
        self._say(say)

    def _say(self, text: str) -> None:
        if text:
            self._inbox.appendleft({"kind": _SAY, "say": text})

    def _waiting(self, wait: dict[str, Any], now: int) -> Waiting:
        own = bool(wait.get("seconds"))
        deadline = now + (wait["seconds"] if own else self.session.timeout)
        return Waiting(tuple(wait["expects"]), wait.get("memo") or {}, deadline, own)


def _sensitive(trail: list[dict[str, Any]]) -> set[str]:
    """The variables that a node said to keep from people: see the node type `input`."""
    return {name for visit in trail for effect in visit.get("effects", ()) for name in effect.get("sensitive", ())}
