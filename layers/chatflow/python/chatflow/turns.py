"""What a turn decides: which runs of the state machine one event needs, and what the session becomes by each.

Pure: `Turn.step` says what to run next, `Turn.apply` takes what came of it. The conversation function walks them.
What a turn has still to do always stands in the session or in its inbox, so that it can stop between any two runs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from chatflow.events import CONTINUE, MESSAGE, START, TIMEOUT, Event, continue_event, message_of
from chatflow.messages import IncomingMessage
from chatflow.routing import flow_for, leaving
from chatflow.sessions import Session, Waiting, session_id

BUDGET_SECONDS = 120  # of one turn; the state machine stops before a node that no longer fits
VISIT_SECONDS = 60  # the longest that one visit may take, retries included
FLOWS_PER_TURN = 10  # a flow may continue with another; more than this is a loop
VISITS_PER_TURN = 100


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


def stale(event: Event, session: Session | None) -> bool:
    """Whether a timeout or a continuation speaks of a turn, or a deadline, that is no longer the last one."""
    if event["kind"] not in (TIMEOUT, CONTINUE):
        return False
    if session is None or (event["session"], event["turn"]) != (session.session, session.turn):
        return True
    return event["kind"] == TIMEOUT and (session.waiting is None or event["deadline"] != session.waiting.deadline)


class Turn:
    """One event's turn. `session` is always what would be saved now."""

    def __init__(self, event: Event, session: Session | None, routes: dict[str, Any], now: int) -> None:
        """`now` is in seconds since the epoch. A stale event must not get here."""
        known = session or Session(event["conversation"], event["channel"], event["account"], event["contact"])
        if event["kind"] == MESSAGE:
            known = replace(known, contact=event["contact"], name=event.get("name", ""))
        self.event = event
        self.session = replace(known, turn=known.turn + 1, pending=())
        self._inbox: deque[Event] = deque([*known.pending, *([] if event["kind"] == CONTINUE else [event])])
        self.to_begin = ""  # a flow whose live version the turn needs before anything else
        self._routes = routes
        self._now = now
        # What was left to do is done under one name, whichever event comes first: so its effects are known again.
        left = known.state == "continuing" or known.pending
        self._last: Event = continue_event(known.conversation, known.session, known.turn) if left else event
        self._flows = 0

    @property
    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        return self.session.state != "continuing" and not self._inbox

    def step(self) -> Run | None:
        """What to run next; None when what came next needs no run. Not to be asked while a flow is to begin."""
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
        self.to_begin = ""
        self._end(say=self._routes.get("apology", ""))

    def apply(self, result: dict[str, Any], now: int) -> None:
        """Take what the state machine answered, `now`, about a run of the session (not of a saying)."""
        session = replace(self.session, variables=result["variables"], visits=result["visits"], waiting=None)
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
        if event["kind"] == START:
            self._end()
            self.to_begin = event["flow"]
        elif event["kind"] == TIMEOUT and self.session.waiting:
            if self.session.waiting.own:
                return self._resume(event)
            self._time_out()
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

    def _resume(self, event: Event) -> Run:
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
        self.session = replace(self.session, state="ended", waiting=None, at="")
        self._say(say)

    def _say(self, text: str) -> None:
        if text:
            self._inbox.appendleft({"kind": _SAY, "say": text})

    def _waiting(self, wait: dict[str, Any], now: int) -> Waiting:
        own = bool(wait.get("seconds"))
        deadline = now + (wait["seconds"] if own else self.session.timeout)
        return Waiting(tuple(wait["expects"]), wait.get("memo") or {}, deadline, own)
