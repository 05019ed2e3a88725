"""What is written down of a turn: the record that makes a repeated event harmless, and that people read. Pure."""

from __future__ import annotations

from typing import Any

from chatflow.conversation.events import Event, transcript_of
from chatflow.conversation.session import HIDDEN, Session


def record(
    event: Event, before: Session | None, session: Session, visits: list[dict[str, Any]], now: int
) -> dict[str, Any]:
    """What the transcript keeps. Variables of a session that this one replaced are none of its own."""
    known = before.variables if before and before.session == session.session else {}
    changed = {name: value for name, value in session.variables.items() if known.get(name) != value}
    return {
        "session": session.session,
        "turn": session.turn,
        "at": now,
        # The schedule of a deadline is named by it: who erases the conversation finds it so.
        **({"deadline": session.waiting.deadline} if session.waiting else {}),
        "event": _kept(event, visits),
        "flow": session.flow,
        "version": session.version,
        "visits": visits,
        "variables": session.shown(changed),
        "before": session.shown({name: known[name] for name in changed if name in known}),
        "state": session.state,
        "node": session.at,
    }


def _kept(event: Event, visits: list[dict[str, Any]]) -> Event:
    """The event without what a node that asks for something sensitive was told."""
    kept = transcript_of(event)
    if "message" in kept and any("sensitive" in effect for visit in visits for effect in visit.get("effects", ())):
        kept["message"] = {**kept["message"], "text": HIDDEN}
    return kept


def note(event: Event, session: Session | None, now: int, **more: Any) -> dict[str, Any]:
    """A record of an event that moved no session, with what there is to know of it."""
    return {
        "session": session.session if session else "",
        "turn": session.turn if session else 0,
        "at": now,
        "event": transcript_of(event),
        **more,
    }
