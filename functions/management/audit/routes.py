"""Routes of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.audit import service
from management.audit.models import Change
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.http.times import Since, seconds

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Who = Annotated[str | None, Query(min_length=1, max_length=128, description="Only the changes of this user.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/audit`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/audit",
        **openapi_options(
            role="admin",
            summary="Every change, and every reading of what a customer sent, the newest first",
            description="Of the last 31 days, unless `since` is given; a row is retained for 400 days.",
        ),
    )
    def list_audit(
        since: Since = None, who: Who = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[Change]:
        return service.list_changes(
            dependencies, since=seconds(since) if since else None, user=who or "", limit=limit, cursor=cursor
        )

    return router
