"""Event guards: decide, before an event gets a turn, whether it still applies to the session. Pure."""

from __future__ import annotations

from typing import Final

from chatflow.conversation.events import CONTINUE, ECHO, MESSAGE, OPERATOR, OWED, SCAN, START, TIMEOUT, Event
from chatflow.conversation.held_calls import WAIT, is_about_held_call
from chatflow.conversation.position import applies
from chatflow.conversation.session import Session

SESSION_RUNNING: Final = "session_running"  # why a start was refused


def is_stale(event: Event, session: Session | None) -> bool:
    """Whether an event is about a turn, or a deadline, that is no longer the session's last one."""
    newest = (session.session, session.turn) if session else ("", 0)
    if not applies(event, session):
        return True
    if event["kind"] == SCAN:
        return not is_awaited_verdict(event, session)
    if event["kind"] == OWED:
        return session is None or not session.owed or event["due"] != session.owed_wake
    if event["kind"] == OPERATOR and WAIT in event:
        return not is_about_held_call(event, session)
    if event["kind"] not in (TIMEOUT, CONTINUE, OPERATOR):
        return False
    if session is None or (event["session"], event["turn"]) != newest:
        return True
    if event["kind"] == OPERATOR:
        return not session.running
    return event["kind"] == TIMEOUT and bool(event["deadline"] != session.deadline)


def is_awaited_verdict(event: Event, session: Session | None) -> bool:
    """Whether a scanner's verdict is about the file that the session waits for, and not about an earlier one."""
    if session is None or session.session != event["session"]:
        return False
    return session.waiting is not None and event["key"] in session.waiting.unscanned


def is_refused_start(event: Event, session: Session | None) -> bool:
    """Whether the business starts a flow while a session runs that it did not allow to be replaced."""
    return event["kind"] == START and not event.get("replace") and session is not None and session.running


def predates_erasure(event: Event, erased_at: int, session: Session | None) -> bool:
    """Whether an event is older than the contact's erasure (seconds since the epoch): it must leave no trace.

    A message and an echo carry the time at which they were written, by the channel's clock; a start the time of its
    request. Every other event is about a session or about a message of one: without a session since the erasure, it is
    about one that was erased.
    """
    if event["kind"] in (MESSAGE, ECHO):
        return int(event["message"]["at"]) <= erased_at
    if event["kind"] == START:
        return int(event.get("at", 0)) <= erased_at
    return session is None
