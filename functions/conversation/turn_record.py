"""Builds turn records, which make a repeated event harmless and are the transcript that people read. Pure."""

from __future__ import annotations

from typing import Any

from chatflow.conversation.events import Event, for_transcript
from chatflow.conversation.session import HIDDEN, Session

_CONTENT = ("text", "choice", "location", "contacts", "form")  # what a customer wrote or chose


def record(
    event: Event, before: Session | None, session: Session, visits: list[dict[str, Any]], now: int
) -> dict[str, Any]:
    """The record of a turn. `before` is the session that was loaded; its variables count only if it is the same one."""
    known = before.variables if before and before.session == session.session else {}
    changed = {name: value for name, value in session.variables.items() if known.get(name) != value}
    return {
        "session": session.session,
        "turn": session.turn,
        "at": now,
        # Times are part of the names of their schedules: the erasure of the conversation finds the schedules by them.
        **({"deadline": session.deadline} if session.deadline else {}),
        **({"owed_wake": session.owed_wake} if session.owed_wake else {}),
        "event": _masked(event, visits, {*(before.sensitive if before else ()), *session.sensitive}),
        "flow": session.flow,
        "version": session.version,
        "visits": visits,
        "variables": session.masked(changed),
        "before": session.masked({name: known[name] for name in changed if name in known}),
        "state": session.state,
        "node": session.node,
    }


def note(event: Event, session: Session | None, now: int, **more: Any) -> dict[str, Any]:
    """The record of an event that changed no session; `more` says why."""
    return {
        "session": session.session if session else "",
        "turn": session.turn if session else 0,
        "at": now,
        "event": for_transcript(event),
        **more,
    }


def _masked(event: Event, visits: list[dict[str, Any]], sensitive: set[str]) -> Event:
    """The event for the transcript, its content hidden when it answers a node that asks for something sensitive.

    The text of an edit is hidden in every session with such an answer, which may be what was edited.
    """
    shown = for_transcript(event)
    message = shown.get("message")
    answers = any("sensitive" in effect for visit in visits for effect in visit.get("effects", ()))
    if message and (answers or (sensitive and message.get("original"))):
        hidden = {name: HIDDEN for name in _CONTENT if name in message or name == "text"}
        shown["message"] = {**message, **hidden}
    return shown
