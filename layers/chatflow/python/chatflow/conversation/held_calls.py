"""What an operator does about a held call: try it now, or give it up. Pure.

A held call is tried again and again, and each try is a turn. So an operator's event names the call, and not the turn
that the operator saw: the visit that entered the node, and for a retry also how often it was tried. A second retry
while the first runs, or after a try that came by itself, is stale, and so is whatever comes after the call ended.
"""

from __future__ import annotations

from typing import Final

from chatflow.conversation.events import Action, Event, operator_event
from chatflow.conversation.session import Session
from chatflow.integrations.holding import held_call

WAIT: Final = "wait"  # a field: the number of the visit that entered the node of the held call
_TRIES: Final = "tries"  # a field of a retry: how often the call had been tried


def held_call_event(unique: str, session: Session, *, action: Action, by: str) -> Event | None:
    """The operator's event for the held call of a session; None for one that holds none, and for other actions."""
    held, waiting = held_call(session.held_call or {}), session.waiting
    if held is None or waiting is None or action not in ("retry", "give_up"):
        return None
    event = operator_event(unique, session.conversation, session.session, session.turn, action=action, by=by)
    return {**event, WAIT: waiting.since, **({_TRIES: held.tries} if action == "retry" else {})}


def is_about_held_call(event: Event, session: Session | None) -> bool:
    """Whether the session still holds the call that an operator's event names."""
    if session is None or session.waiting is None or session.session != event["session"]:
        return False
    held = held_call(session.held_call or {})
    return held is not None and session.waiting.since == event[WAIT] and event.get(_TRIES, held.tries) == held.tries
