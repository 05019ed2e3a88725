"""Starts a flow in a conversation. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.conversation.early_files import still_early
from chatflow.conversation.events import Event
from chatflow.conversation.late_files import GRACE_SECONDS
from chatflow.conversation.session import Session, session_id


def started(session: Session, version: dict[str, Any], event: Event, now: int) -> Session:
    """The session, about to enter the first node of this version of a flow. `now` is in seconds since the epoch.

    A session that runs goes on with the flow and keeps its variables. Else `event` starts a new session.
    """
    fresh = session.state == "ended" or not session.session
    return replace(
        session.having_seen(version["flow"], version["version"]),
        session=session_id(session.conversation, event["id"]) if fresh else session.session,
        started_at=now if fresh else session.started_at,
        first_turn=session.turn if fresh else session.first_turn,
        visits=0 if fresh else session.visits,
        variables=event.get("variables", {}) if fresh else session.variables,
        sensitive=() if fresh else session.sensitive,
        state="continuing",
        flow=version["flow"],
        version=version["version"],
        slice=version["start"],
        node=version["start"],
        waiting=None,
        timeout=version["session"]["timeout"],
        on_timeout=version["session"].get("on_timeout") or "",
        retention_days=version["retention_days"],
        early=still_early(session.early, now) if fresh else session.early,
        grace=version["session"].get("grace", GRACE_SECONDS),
        timed_out=None if fresh else session.timed_out,
        watched=(),  # their nodes are those of the flow before
    )
