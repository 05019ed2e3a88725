"""Sessions through the API: list them, and start a flow with a contact."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final, cast

from chatflow.adapters.dynamodb.listed_sessions import SessionSummary
from chatflow.adapters.dynamodb.sessions import UNREADABLE
from chatflow.channels.manifest import ChannelManifest
from chatflow.conversation.events import start_event
from chatflow.conversation.session import Session
from chatflow.errors import NotPublished
from chatflow.nodes.contract import VARIABLES_LIMIT
from management.audit.service import add_audit_facts
from management.conversations.lookup import identify
from management.conversations.models import Accepted, ShownState
from management.http.pagination import Page, decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339
from management.sessions.models import ListedSession, Start

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_STATES: Final[tuple[ShownState, ...]] = ("waiting", "continuing", "paused", "ended", UNREADABLE)


def list_sessions(
    dependencies: Dependencies,
    *,
    state: ShownState | None,
    flow: str,
    since: int | None,
    until: int | None,
    limit: int,
    cursor: str | None,
) -> Page[ListedSession]:
    """A page of sessions, the newest first. `since` and `until`: seconds since the epoch; `flow` "" for all flows.

    Raises Problem (invalid-request).
    """
    position = decode_cursor(cursor, "place") or {"place": ""}
    sessions, following = dependencies.transcripts.sessions(
        (state,) if state else _STATES, flow=flow, since=since or 0, until=until, before=position["place"], limit=limit
    )
    next_cursor = encode_cursor(place=following) if following else None
    return Page(items=[_to_listed_session(each) for each in sessions], next=next_cursor)


def start(dependencies: Dependencies, start: Start) -> Accepted:
    """Queue the start of a flow. The conversation function applies the same rules again when it takes the event.

    Raises Problem (invalid-request, too-large, not-live, outside-window, session-running, session-unreadable).
    """
    found = identify(dependencies, start.channel, start.account, start.contact)
    conversation = found.conversation
    _require_small(start.variables)
    try:
        live = dependencies.published_flows.live(start.flow)
    except NotPublished:
        raise Problem("not-live", f"the flow {start.flow} has no live version: publish it first") from None
    newest = dependencies.transcripts.newest(conversation)
    if newest and newest.unreadable:
        raise Problem("session-unreadable", f"{newest.unreadable}: stop the session, or erase the contact, first")
    session = newest.session if newest else None
    _require_startable(found.channel, session, replace=start.replace, now=dependencies.clock())
    if session is None and not found.writable:
        reason = f"{found.channel.title} takes no messages to such an address, and nobody has written from it"
        raise invalid_field("body.contact", reason)
    event = start_event(
        secrets.token_hex(8),
        conversation,
        channel=start.channel,
        account=start.account,
        contact=session.contact if session else found.address,
        name=session.name if session else "",
        flow=start.flow,
        variables=start.variables,
        replace=start.replace,
        at=int(dependencies.clock()),
        version=live["version"],
    )
    add_audit_facts(conversation=conversation, flow=start.flow)
    dependencies.send_events([event])
    return Accepted(conversation=conversation, event=event["id"])


def _require_startable(channel: ChannelManifest, session: Session | None, *, replace: bool, now: float) -> None:
    """Raises Problem (outside-window, session-running) if no flow may be started with the contact now."""
    heard_at = session.last_message_at if session else 0
    if channel.window and heard_at + channel.window <= now:
        last = (
            f"last heard of the contact at {rfc3339(heard_at)}"
            if heard_at
            else "the contact never wrote to this account"
        )
        raise Problem(
            "outside-window",
            f"{channel.title} takes messages for {channel.window // 3600} h after the contact's: {last}",
        )
    if session and session.paused and not replace:
        detail = "a person of the business talks to the contact: resume the session first, or send replace: true"
        raise Problem("session-running", detail)
    if session and session.running and not replace:
        raise Problem("session-running", f"the flow {session.flow} runs; send replace: true to end it")


def _require_small(variables: dict[str, Any]) -> None:
    """Raises Problem (too-large) for more variables than a session can hold."""
    size = len(json.dumps(variables, ensure_ascii=False, separators=(",", ":")).encode())
    if size > VARIABLES_LIMIT:
        raise Problem("too-large", f"variables of {size} bytes where a session holds {VARIABLES_LIMIT}")


def _to_listed_session(session: SessionSummary) -> ListedSession:
    return ListedSession(
        conversation=session.conversation,
        session=session.session,
        state=cast(ShownState, session.state),
        reason=session.reason or None,
        flow=session.flow,
        version=session.version,
        at=session.node,
        turn=session.turn,
        started_at=rfc3339(session.started_at) if session.started_at else None,
        updated_at=rfc3339(session.updated_at),
    )
