"""Where a session stands: the fence of a redriven event. Pure.

A position is a session, a node, and the wait at that node, by the number of the visit that entered the node. It does
not change when the node asks again. Therefore what a customer wrote behind a dead letter leaves the letter applicable,
as long as it moved the session nowhere.
"""

from __future__ import annotations

from typing import Any

from chatflow.conversation.events import Event
from chatflow.conversation.session import Session

Position = dict[str, Any]


def position(session: Session | None) -> Position:
    """The position of a session, as events and sessions store it; the one of None is before any session."""
    if session is None:
        return {"session": "", "node": "", "wait": 0}
    return {
        "session": session.session,
        "node": session.node,
        "wait": session.waiting.since if session.waiting else 0,
    }


def applies(event: Event, session: Session | None) -> bool:
    """Whether an event without a fence, or with one that fits the session's position.

    Several events that failed at the same position and are redriven in their order all fit: `Session.redriven_from`.
    Events that an earlier release redrove carry the turn instead of node and wait; they fit that turn only.
    """
    fence = event.get("fence")
    if not isinstance(fence, dict):
        return True
    if "node" not in fence:
        newest = (session.session, session.turn) if session else ("", 0)
        return (fence.get("session"), fence.get("turn")) == newest
    return _same(fence, position(session)) or (session is not None and _same(fence, session.redriven_from))


def redriven_from(event: Event, before: Session | None, after: Session) -> Position | None:
    """The position from which redriven events led to the session `after`; None once another event has moved it."""
    origin = before.redriven_from if before else None
    if "fence" in event:
        return origin if origin and _same(event["fence"], origin) else position(before)
    return origin if position(before) == position(after) else None


def _same(fence: Position, other: Position | None) -> bool:
    """A failure that an earlier release recorded, or that met an unreadable row, has no wait: any will do."""
    if other is None or (fence["session"], fence["node"]) != (other["session"], other["node"]):
        return False
    return not fence.get("wait") or fence["wait"] == other["wait"]
