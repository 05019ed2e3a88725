"""Conversations through the API: find and show one, and send an operator's action to its session."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chatflow.adapters.dynamodb.sessions import UNREADABLE
from chatflow.adapters.dynamodb.transcripts import StoredSession
from chatflow.conversation import session as domain
from chatflow.conversation.events import MESSAGE, Action, operator_event
from chatflow.conversation.held_calls import held_call_event
from chatflow.conversation.owed_message import OwedMessage
from chatflow.errors import Unreadable
from chatflow.integrations.holding import Held, held_call
from management.audit.service import add_audit_facts
from management.conversations import models, past_sessions
from management.conversations.models import (
    Accepted,
    Paused,
    Session,
    ShownConversation,
    WaitingFor,
)
from management.http.auth import caller
from management.http.etags import require_revision
from management.http.pagination import DEFAULT_LIMIT
from management.http.problems import Problem
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def load_newest(dependencies: Dependencies, conversation: str) -> StoredSession:
    """The newest session of a conversation, also by a key that it had before. Raises Problem (not-found)."""
    newest = dependencies.transcripts.newest(conversation)
    if newest is None:
        raise Problem("not-found", "no such conversation: nothing was ever said, or its time to be kept is over")
    return newest


def get(dependencies: Dependencies, conversation: str) -> ShownConversation:
    """A conversation with its newest session and the first page of its sessions. Raises Problem (not-found)."""
    newest = load_newest(dependencies, conversation)
    session = newest.session
    sessions = past_sessions.page(dependencies, newest, limit=DEFAULT_LIMIT, cursor=None)
    return ShownConversation(
        conversation=session.conversation,
        channel=newest.session.channel,
        account=newest.session.account,
        session=_to_session(newest),
        sessions=sessions.items,
        sessions_next=sessions.next,
    )


def send_action(
    dependencies: Dependencies,
    action: Action,
    conversation: str,
    revision: int | None,
    *,
    apply_messages: bool = False,
) -> Accepted:
    """Queue an operator's action for the running session. It applies only if the session has not moved on by then.

    `revision`: the turn that the caller saw. `apply_messages`: a resume applies what came during the pause. A session
    that cannot be read can only be stopped.
    Raises Problem (not-found, edit-conflict, session-not-running, session-not-paused, session-unreadable).
    """
    newest = load_newest(dependencies, conversation)
    session = newest.session
    if newest.unreadable:
        if action != "stop":
            raise Problem("session-unreadable", f"{newest.unreadable}: it can be stopped, or its contact erased")
    else:
        require_revision(revision, session.turn)
    if not session.running and not newest.unreadable:
        raise Problem("session-not-running", "the conversation's newest session has ended")
    if action == "resume" and not session.paused:
        raise Problem("session-not-paused", "no person of the business talks to the contact: nothing is to be resumed")
    held = held_call_event(secrets.token_hex(8), session, action=action, by=caller().name)
    event = held or operator_event(
        secrets.token_hex(8),
        session.conversation,
        session.session,
        session.turn,
        action=action,
        by=caller().name,
        apply_messages=apply_messages,
    )
    add_audit_facts(session=session.session, turn=session.turn)
    dependencies.send_events([event])
    return Accepted(conversation=session.conversation, event=event["id"])


def _to_session(newest: StoredSession) -> Session:
    session = newest.session
    waiting = None if session.paused else session.waiting
    return Session(
        session=session.session,
        state=UNREADABLE if newest.unreadable else session.state,
        reason=newest.unreadable or None,
        flow=session.flow,
        version=session.version,
        at=session.node,
        turn=session.turn,
        waiting=WaitingFor(expects=list(waiting.expects), until=rfc3339(waiting.deadline)) if waiting else None,
        held=_held(session),
        paused=_to_paused(session.paused) if session.paused else None,
        variables=session.masked(session.variables),
        pending=len(session.pending) + (len(session.paused.pending) if session.paused else 0),
        owed=[_to_owed(message) for message in session.owed],
        started_at=rfc3339(session.started_at) if session.started_at else None,
        updated_at=rfc3339(newest.updated_at),
        heard_at=rfc3339(session.last_message_at) if session.last_message_at else None,
    )


def shown_held_call(held: Held) -> models.Held:
    """A held call as people see it."""
    return models.Held(
        host=held.host,
        reason=held.reason,
        since=rfc3339(held.since),
        tries=held.tries,
        next=rfc3339(held.next),
        until=rfc3339(held.until),
        told=held.told,
    )


def _held(session: domain.Session) -> models.Held | None:
    try:
        held = held_call(session.held_call or {}) if not session.paused else None
    except Unreadable:  # people see the rest of the session all the same
        return None
    return shown_held_call(held) if held else None


def _to_owed(message: OwedMessage) -> models.OwedMessage:
    return models.OwedMessage(
        flow=message.flow,
        node=message.node,
        reason=message.reason,
        since=rfc3339(message.since),
        tries=message.tries,
    )


def _to_paused(pause: domain.Pause) -> Paused:
    return Paused(
        since=rfc3339(pause.since),
        until=rfc3339(pause.until),
        remaining=pause.seconds_left,
        kept=sum(1 for each in pause.kept if each["kind"] == MESSAGE),
    )
