"""Held calls through the API: list them, have them tried now, give them up."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Literal

from chatflow.adapters.dynamodb.held_sessions import HeldSession
from chatflow.conversation.events import Event
from chatflow.conversation.held_calls import held_call_event
from chatflow.conversation.session import Session
from chatflow.integrations.holding import OUTAGE
from management.audit.service import add_audit_facts
from management.conversations.service import load_newest, shown_held_call
from management.held.models import HeldCall, Sent, Which
from management.http.auth import caller
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_AT_ONCE: Final = 100  # calls of a host for which one request queues events
Action = Literal["retry", "give_up"]


def list_held(dependencies: Dependencies, host: str, limit: int, cursor: str | None) -> Page[HeldCall]:
    """A page of held calls, by host ("" for all) and since when. Raises Problem (invalid-request)."""
    found, following = dependencies.held_sessions.page(host, after=_position(cursor), limit=limit)
    return Page(items=[_to_held_call(each) for each in found], next=_to_cursor(following))


def act(dependencies: Dependencies, action: Action, which: Which) -> Sent:
    """Queue an operator's event for a held call, or for the next ones of a host.

    Repeated, it does no harm: an event names the call and, for a retry, its last try.
    Raises Problem (not-found, not-held, session-unreadable, invalid-request).
    """
    if which.conversation is not None:
        return _act_on_one(dependencies, action, which.conversation)
    host = which.host or ""
    found, following = dependencies.held_sessions.page(host, after=_position(which.cursor), limit=_AT_ONCE)
    events = [event for each in found if (event := _event(each.session, action))]
    add_audit_facts(host=host, sessions=len(events), **_reason(action))
    dependencies.send_events(events)
    return Sent(sent=len(events), next=_to_cursor(following))


def _act_on_one(dependencies: Dependencies, action: Action, conversation: str) -> Sent:
    newest = load_newest(dependencies, conversation)
    if newest.unreadable:
        raise Problem("session-unreadable", f"{newest.unreadable}: it can be stopped, or its contact erased")
    session = newest.session
    event = None if session.paused else _event(session, action)
    if event is None:
        paused = "a person of the business talks to the contact: " if session.paused else ""
        raise Problem("not-held", f"{paused}no call of this conversation is held now")
    add_audit_facts(session=session.session, turn=session.turn, node=session.node, **_reason(action))
    dependencies.send_events([event])
    return Sent(sent=1, conversation=session.conversation, event=event["id"])


def _event(session: Session, action: Action) -> Event | None:
    return held_call_event(secrets.token_hex(8), session, action=action, by=caller().name)


def _reason(action: Action) -> dict[str, str]:
    """For the audit: with what reason a call that is given up takes the exit `failure`."""
    return {"reason": OUTAGE} if action == "give_up" else {}


def _to_held_call(found: HeldSession) -> HeldCall:
    session, held = found.session, found.held
    return HeldCall(
        conversation=session.conversation,
        session=session.session,
        flow=session.flow,
        version=session.version,
        node=session.node,
        **shown_held_call(held).model_dump(),
    )


def _position(cursor: str | None) -> str:
    position = decode_cursor(cursor, "after")
    return position["after"] if position else ""


def _to_cursor(place: str) -> str | None:
    return encode_cursor(after=place) if place else None
