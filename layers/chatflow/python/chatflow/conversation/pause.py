"""The pause of a conversation: while a person of the business talks to the customer, the bot sends nothing. Pure.

A pause begins with an echo (the person answers by hand, in the channel's own app) or with an operator's action. It ends
when an operator resumes or ends the session, or when the person was silent for the routes' `pause_for`. The session
ends then, unless its call is held: the file of that call must not be lost. A session that runs is paused where it
stands. Where none runs, the pause is a session without a flow, so that the customer's next message starts no flow, and
people see the pause like any other session.

What comes during a pause is in the transcript, files are stored, and events that the flow may still need are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from chatflow.conversation.early_files import unused_files
from chatflow.conversation.events import (
    ADOPT,
    CONTINUE,
    ECHO,
    MESSAGE,
    OPERATOR,
    OWED,
    SCAN,
    START,
    TIMEOUT,
    Event,
    echo_of,
    message_of,
)
from chatflow.conversation.session import Pause, Session, State, session_id

QUIET_SECONDS: Final = 86_400  # a day: there may be a night between a question and its answer
# Limits of what a pause keeps. An item of the table ends at 400 KB, and holds variables and held messages as well.
MAX_KEPT: Final = 100
MAX_KEPT_BYTES: Final = 64 * 1024
TOO_MANY_KEPT: Final = "too_many_kept"  # why a message cannot be applied when the session resumes
_LEAST_SECONDS: Final = 60  # of a wait after a resume: it must not end the session at once
STORE_FILE: Final = "store"  # the kind of an inbox entry: the file of a message that came during the pause

# What a person does to a message that is already there. It does not show that they talk to the customer now.
_NOT_A_MESSAGE: Final = frozenset(
    {"reaction", "system", "edit", "edited", "delete", "deleted", "revoke", "pin", "unpin", "keep_in_chat"}
)
_RESUMING: Final = frozenset({"resume", "retry", "give_up"})


@dataclass(frozen=True)
class Applied:
    """What an event makes of a session as far as pauses are concerned.

    `inbox` are entries for the turn, behind the session's pending ones. `done`: nothing else is to be decided about the
    event. `refused`: why the event itself came to nothing.
    """

    session: Session
    inbox: tuple[Event, ...] = ()
    done: bool = False
    refused: str = ""


def is_only_noted(event: Event, session: Session | None, routes: Mapping[str, Any], now: int) -> bool:
    """Whether an event is for the transcript alone.

    That is an echo that begins no pause: an action on a message, one that was written before the last pause was ended,
    or so long ago that its pause is over. And the verdict on a file that was stored during a pause, where no node waits
    for it. `now` is in seconds since the epoch.
    """
    if echo := echo_of(event):
        too_late = echo.at <= (session.resumed_at if session else 0) or _until(event, routes, now) <= now
        return too_late or echo.other in _NOT_A_MESSAGE
    if event["kind"] != SCAN or session is None or not session.paused or event["session"] != session.session:
        return False
    return session.waiting is None or event["key"] not in session.waiting.unscanned


def apply_pause(event: Event, session: Session, routes: Mapping[str, Any], now: int) -> Applied:
    """Begin, extend or end a pause, or keep the event in it. `now` is in seconds since the epoch."""
    kind, action = event["kind"], event.get("action")
    if kind == ECHO or (kind == OPERATOR and action == "pause"):
        # People see the files that no node has taken yet: the pause may end without one that does.
        untaken = () if session.paused else unused_files(session)
        inbox = tuple({"kind": STORE_FILE, "event": each} for each in untaken)
        return Applied(_paused(session, event, _until(event, routes, now), now), inbox, done=True)
    if session.paused is None:
        return Applied(session)
    if kind == OPERATOR and action in _RESUMING:
        return _resumed(session, event, now)
    if kind == MESSAGE:
        return _with_message(session, session.paused, event)
    if kind == TIMEOUT and session.held_call:
        return _resumed(session, event, now)
    if kind == TIMEOUT:
        ended = replace(session, state="ended", waiting=None, node="", held=(), early=(), paused=None, resumed_at=now)
        return Applied(ended, done=True)
    if kind == START or action == "stop":  # a start that is not refused replaces the session
        return Applied(replace(session, state=session.paused.state, paused=None, resumed_at=now))
    if kind in (
        CONTINUE,
        OPERATOR,
        OWED,
        ADOPT,
    ):  # a file that did not fit its turn is pending; what is owed stays owed
        return Applied(session, done=True)
    return Applied(_keeping(session, session.paused, event), done=True)


def _until(event: Event, routes: Mapping[str, Any], now: int) -> int:
    """When the pause ends that an event begins or extends, in seconds since the epoch."""
    echo = echo_of(event)
    written = min(echo.at, now) if echo else now
    return written + int(routes.get("pause_for") or QUIET_SECONDS)


def _paused(session: Session, event: Event, until: int, now: int) -> Session:
    if session.paused:
        return replace(session, paused=replace(session.paused, until=max(session.paused.until, until)))
    if not session.running:
        session = _without_flow(session, event, now)
    seconds_left = max(session.waiting.deadline - now, _LEAST_SECONDS) if session.waiting else 0
    pause = Pause(now, until, session.state, seconds_left, session.pending)
    return replace(session, state="paused", pending=(), paused=pause)


def _without_flow(session: Session, event: Event, now: int) -> Session:
    """A session of its own, without what belongs to the flow that ran before. What is the conversation's stays."""
    return replace(
        session,
        session=session_id(session.conversation, event["id"]),
        started_at=now,
        flow="",
        version=0,
        slice="",
        node="",
        variables={},
        sensitive=(),
        visits=0,
        on_timeout="",
        early=(),
        timed_out=None,
    )


def _resumed(session: Session, event: Event, now: int) -> Applied:
    """The session as it was before the pause, which an operator ends, or its timer.

    Its wait gets the rest of its time, from now on. A wait for time alone keeps its time.
    """
    pause = session.paused
    assert pause is not None  # noqa: S101  narrows the type; the caller has checked it
    waiting = session.waiting
    if waiting:
        kept_time = max(waiting.deadline, now + _LEAST_SECONDS)
        waiting = replace(waiting, deadline=kept_time if waiting.for_time else now + pause.seconds_left)
    applied = pause.kept if event.get("apply_messages") else [each for each in pause.kept if each["kind"] != MESSAGE]
    pending = (*pause.pending, *session.pending)
    state: State = pause.state
    resumed = replace(session, state=state, waiting=waiting, pending=pending, paused=None, resumed_at=now)
    # Where no session ran, there is no node to enter again or to give up on.
    return Applied(resumed, inbox=tuple(applied), done=event.get("action", "resume") == "resume" or state == "ended")


def _with_message(session: Session, pause: Pause, event: Event) -> Applied:
    """Keep a message of the customer, and have its file stored, whether or not the message can be kept."""
    message = message_of(event)
    inbox: tuple[Event, ...] = ({"kind": STORE_FILE, "event": event},) if message and message.media else ()
    kept = [each for each in (*pause.kept, event) if each["kind"] == MESSAGE]
    if len(kept) > MAX_KEPT or len(json.dumps(kept, ensure_ascii=False).encode()) > MAX_KEPT_BYTES:
        return Applied(session, inbox, done=True, refused=TOO_MANY_KEPT)
    return Applied(_keeping(session, pause, event), inbox, done=True)


def _keeping(session: Session, pause: Pause, event: Event) -> Session:
    return replace(session, paused=replace(pause, kept=(*pause.kept, event)))
