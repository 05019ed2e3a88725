"""What an operator does about a held call: try it now, give it up, stop or pause its session. Pure.

A held call is tried again and again, and each try is a turn. So an operator's event names the call, and not the turn
that the operator saw: the visit that entered the node, and for a retry also how often it was tried. A second retry
while the first runs, or after a try that came by itself, is stale, and so is whatever comes after the call ended.

A held call is the node's matter (`chatflow.integrations.holding`): here it is a part of the node's wait state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatflow.conversation.events import Action, Event, operator_event
from chatflow.conversation.session import Session

WAIT: Final = "wait"  # a field: the number of the visit that entered the node of the held call
_TRIES: Final = "tries"  # a field of a retry: how often the call had been tried
_HELD: Final = "held"  # in the wait state


def held_call_event(unique: str, session: Session, *, action: Action, by: str) -> Event | None:
    """The operator's event for the held call of a session; None for one that holds none, and for a resume."""
    held, waiting = _held(session), session.waiting
    if held is None or waiting is None or action == "resume":
        return None
    event = operator_event(unique, session.conversation, session.session, session.turn, action=action, by=by)
    return {**event, WAIT: waiting.since, **({_TRIES: held.get(_TRIES)} if action == "retry" else {})}


def is_about_held_call(event: Event, session: Session | None) -> bool:
    """Whether the session still holds the call that an operator's event names."""
    if session is None or session.waiting is None or session.session != event["session"]:
        return False
    held = _held(session)
    if held is None or session.waiting.since != event[WAIT]:
        return False
    return _TRIES not in event or bool(event[_TRIES] == held.get(_TRIES))


def wait_state_again(session: Session, action: Action) -> dict[str, Any] | None:
    """The wait state with which an operator's action enters the waiting node anew; None for one that is left.

    Only the node knows what its failure means to the flow, so it leaves a held call that is given up itself.
    """
    if action != "give_up":
        return session.state_to_retry
    held = _held(session)
    return {**(session.held_call or {}), _HELD: {**held, "given_up": True}} if held else None


def _held(session: Session) -> Mapping[str, Any] | None:
    held = (session.held_call or {}).get(_HELD)
    return held if isinstance(held, dict) else None
