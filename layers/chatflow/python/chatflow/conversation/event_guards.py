"""Whether an event still applies to the session as it stands: pure, and asked before it gets a turn."""

from __future__ import annotations

from typing import Final

from chatflow.conversation.events import CONTINUE, OPERATOR, SCAN, START, TIMEOUT, Event
from chatflow.conversation.session import Session

SESSION_RUNNING: Final = "session_running"  # why a start was refused


def stale(event: Event, session: Session | None) -> bool:
    """Whether an event speaks of a turn, or a deadline, that is no longer the last one."""
    fence = event.get("fence")
    stands = (session.session, session.turn) if session else ("", 0)
    if fence and (fence["session"], fence["turn"]) != stands:
        return True
    if event["kind"] == SCAN:
        return not awaited(event, session)
    if event["kind"] not in (TIMEOUT, CONTINUE, OPERATOR):
        return False
    if session is None or (event["session"], event["turn"]) != stands:
        return True
    if event["kind"] == OPERATOR:
        return not session.running
    return event["kind"] == TIMEOUT and (session.waiting is None or event["deadline"] != session.waiting.deadline)


def awaited(event: Event, session: Session | None) -> bool:
    """Whether a verdict is the one that the session waits for: of its own file, and not of one of before."""
    if session is None or session.session != event["session"]:
        return False
    waiting = session.waiting
    return waiting is not None and waiting.for_a_scan and waiting.memo["key"] == event["key"]


def refused(event: Event, session: Session | None) -> bool:
    """Whether the business would begin a flow where one runs, without saying that it may be replaced."""
    return event["kind"] == START and not event.get("replace") and session is not None and session.running
