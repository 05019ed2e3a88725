"""Files that come just after the time for them was over: they go back to the node that had asked. Pure.

Within the flow's `grace`, a file resumes the session at that node, whether the session has ended or went on with what
it does on a timeout, unless the customer has answered something else or another session has begun.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chatflow.conversation.events import MESSAGE, TIMEOUT, Event
from chatflow.conversation.session import FILE, Session, TimedOut, Waiting
from chatflow.messages import IncomingMessage

# Under this name, a node's wait state says what a late file resumes it with, where that is not the wait state itself:
# a list of files that was handed on begins anew, so that no file is handed on twice.
LATE: Final = "late"
GRACE_SECONDS: Final = 120  # unless the flow says something else


def with_timeout(session: Session, event: Event, now: int) -> Session:
    """The session, whose wait ends by this event (at `now`, in seconds since the epoch): by a timeout, or an answer."""
    waiting = session.waiting
    if event["kind"] == MESSAGE:
        return replace(session, timed_out=None)
    if event["kind"] != TIMEOUT or waiting is None or FILE not in waiting.expects or not session.grace:
        return session
    timed_out = TimedOut(
        flow=session.flow,
        version=session.version,
        node=session.node,
        wait_state=waiting.wait_state.get(LATE, waiting.wait_state),
        timeout=session.timeout,
        on_timeout=session.on_timeout,
        until=now + session.grace,
    )
    return replace(session, timed_out=timed_out)


def is_late_file(session: Session, message: IncomingMessage | None, now: int) -> bool:
    """Whether a message is the file that the session had waited for, sent within `grace` by the channel's clock."""
    timed_out = session.timed_out
    if message is None or message.media is None or timed_out is None or session.paused:
        return False
    return min(message.at, now) <= timed_out.until


def may_resume(session: Session, message: IncomingMessage | None, now: int) -> bool:
    """Whether this message, or one that is still to come, may be the late file: then the session's variables stay."""
    timed_out = session.timed_out
    return is_late_file(session, message, now) or (timed_out is not None and now <= timed_out.until)


def waiting_again(session: Session, now: int) -> Session:
    """The session, waiting for the file at the node whose wait had timed out."""
    timed_out = session.timed_out
    assert timed_out is not None  # noqa: S101  narrows the type; the caller has checked it
    return replace(
        session,
        state="waiting",
        flow=timed_out.flow,
        version=timed_out.version,
        slice=timed_out.node,
        node=timed_out.node,
        timeout=timed_out.timeout,
        on_timeout=timed_out.on_timeout,
        waiting=Waiting((FILE,), timed_out.wait_state, now + timed_out.timeout, own_deadline=False),
        timed_out=None,
    )
