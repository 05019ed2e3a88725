"""Sessions: which there are, and the business's own beginning of one."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field

from chatflow.adapters.dynamodb.transcripts import SessionSummary
from chatflow.channels import manifest
from chatflow.conversation.events import conversation_key, start_event
from chatflow.conversation.session import State
from chatflow.errors import InvalidInput, NotPublished
from management.audit import service
from management.conversations.models import Account, Channel, Contact
from management.dependencies import Dependencies
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from management.http.problems import Problem, invalid_field
from management.http.times import Since, Time, Until, rfc3339, seconds
from management.sessions import start_rules

_STATES: tuple[State, ...] = ("waiting", "continuing", "ended")
FlowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
OfState = Annotated[State | None, Query(description="Only sessions in this state.")]
OfFlow = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{0,63}$", description="Only sessions of this flow.")]


class ListedSession(BaseModel):
    """A conversation's newest session, in a list."""

    conversation: str
    session: str
    state: State
    flow: str
    version: int
    at: str = Field(description="The node where it stands; empty when it has ended.")
    turn: int = Field(description="How many turns the conversation has had.")
    started_at: Time | None
    updated_at: Time


class Start(BaseModel):
    """A flow to begin with a contact."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel
    account: Account
    contact: Contact
    flow: FlowName
    variables: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], Any] = Field(
        default_factory=dict, description="What the session's variables hold at its beginning; at most 64 KB."
    )
    replace: bool = Field(default=False, description="End the session that runs, if one does.")


class Accepted(BaseModel):
    """The event is queued; what became of it stands in the conversation's turns, under its id."""

    conversation: str
    event: str


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/sessions",
        **openapi_options(
            role="viewer",
            summary="Sessions, the newest first",
            description="Each conversation by its newest session. A page may hold fewer than `limit` and "
            "have a next one.",
        ),
    )
    def list_sessions(
        *,
        state: OfState = None,
        flow: OfFlow = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[ListedSession]:
        latest = f"{int(seconds(until)):010d}~" if until else ""
        place = decode_cursor(cursor, "place") or {"place": ""}
        before = min(filter(None, (latest, place["place"])), default="")
        items, after = dependencies.transcripts.sessions(
            (state,) if state else _STATES,
            flow=flow or "",
            since=int(seconds(since)) if since else 0,
            before=before,
            limit=limit,
        )
        return Page(items=[_shown(each) for each in items], next=_cursor(after))

    @router.post(
        "/sessions",
        **openapi_options(
            role="editor",
            summary="Begin a flow with a contact",
            description="Within the channel's rules: WhatsApp takes messages for 24 hours after the contact's own.",
            status=202,
            problems=["outside-window", "session-running", "not-live", "too-large"],
        ),
    )
    def start_session(start: Start) -> Accepted:
        conversation, channel = conversation_of(dependencies, start.channel, start.account, start.contact)
        start_rules.check_size(start.variables)
        try:
            dependencies.published_flows.live(start.flow)
        except NotPublished:
            raise Problem("not-live", f"the flow {start.flow} has no live version: publish it first") from None
        newest = dependencies.transcripts.newest(conversation)
        session = newest.session if newest else None
        start_rules.allow(channel, session, replace=start.replace, now=dependencies.clock())
        event = start_event(
            secrets.token_hex(8),
            conversation,
            channel=start.channel,
            account=start.account,
            contact=start_rules.address(start.contact),
            name=session.name if session else "",
            flow=start.flow,
            variables=start.variables,
            replace=start.replace,
            at=int(dependencies.clock()),
        )
        service.add_audit_facts(conversation=conversation, flow=start.flow)
        dependencies.send_events([event])
        return Accepted(conversation=conversation, event=event["id"])

    return router


def conversation_of(
    dependencies: Dependencies, channel: str, account: str, contact: str
) -> tuple[str, manifest.ChannelManifest]:
    """The conversation's key, and its channel. Raises Problem (invalid-request) for an unknown channel."""
    try:
        known = manifest.load(channel)
    except InvalidInput:
        there = ", ".join(manifest.names())
        raise invalid_field("body.channel", f"there is no channel of that name; there are: {there}") from None
    address = start_rules.address(contact)
    if not address.isprintable() or not address:
        raise invalid_field("body.contact", "not an address on this channel")
    return conversation_key(dependencies.conversation_secret(), channel, account, address), known


def _cursor(place: str) -> str | None:
    return encode_cursor(place=place) if place else None


def _shown(each: SessionSummary) -> ListedSession:
    return ListedSession(
        conversation=each.conversation,
        session=each.session,
        state=each.state,
        flow=each.flow,
        version=each.version,
        at=each.node,
        turn=each.turn,
        started_at=rfc3339(each.started_at) if each.started_at else None,
        updated_at=rfc3339(each.updated_at),
    )
