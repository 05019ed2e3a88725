"""Starts the flow that a turn needs, in its live version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatflow.conversation.events import START
from chatflow.conversation.turn import Turn
from chatflow.errors import NotPublished

if TYPE_CHECKING:
    from conversation.run_turn import Dependencies


class OldRoutesError(Exception):
    """A turn found nothing live where its routes lead, and nothing was run yet. There are newer routes."""

    def __init__(self, newer: dict[str, Any]) -> None:
        super().__init__()
        self.newer = newer


def start_flow(turn: Turn, dependencies: Dependencies, routes: dict[str, Any] | None) -> None:
    """Start the turn's flow, or end the session with the apology when it is not published.

    `routes` are those that the turn began with, None once something was run: then they stay. Raises OldRoutesError.
    """
    flow = turn.flow_to_start
    asked = turn.event.get("version", 0) if turn.event["kind"] == START and turn.event["flow"] == flow else 0
    try:
        turn.start_flow(dependencies.flows.live(flow, max(asked, turn.session.seen.get(flow, 0))))
    except NotPublished:
        # A copy of the routes may lead to a flow that was withdrawn a moment ago.
        if routes is not None and (newer := dependencies.sessions.newer_routes(routes)):
            raise OldRoutesError(newer) from None
        turn.end_unpublished()
