"""Routes of the sessions: list them, and start a flow with a contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.conversations.models import Accepted, ShownState
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.http.times import Since, Until, seconds
from management.sessions import service
from management.sessions.models import ListedSession, Start

if TYPE_CHECKING:
    from management.dependencies import Dependencies

OfState = Annotated[ShownState | None, Query(description="Only sessions in this state.")]
OfFlow = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{0,63}$", description="Only sessions of this flow.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/sessions`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/sessions",
        **openapi_options(
            role="viewer",
            summary="Sessions, the newest first",
            description="The newest session of each conversation. The order is that of the last activity to within an "
            "hour: a session that stays in its state keeps its place for so long. A page may have fewer than `limit` "
            "items and still a next page.",
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
        return service.list_sessions(
            dependencies,
            state=state,
            flow=flow or "",
            since=int(seconds(since)) if since else None,
            until=int(seconds(until)) if until else None,
            limit=limit,
            cursor=cursor,
        )

    @router.post(
        "/sessions",
        **openapi_options(
            role="editor",
            summary="Start a flow with a contact",
            description="Within the channel's rules: WhatsApp accepts messages for 24 hours after the contact's last.",
            status=202,
            problems=["outside-window", "session-running", "session-unreadable", "not-live", "too-large"],
        ),
    )
    def start_session(start: Start) -> Accepted:
        return service.start(dependencies, start)

    return router
