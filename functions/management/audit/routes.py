"""Who changed what, and when."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from management.audit.store import Outcome, Place, Row
from management.dependencies import Dependencies
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from management.http.problems import invalid_field
from management.http.times import Since, Time, rfc3339, seconds

_LOOKS_BACK_SECONDS = 31 * 86400

Who = Annotated[str | None, Query(min_length=1, max_length=128, description="Only the changes of this user.")]


class Change(BaseModel):
    """One change that someone asked for."""

    at: Time
    who: str
    operation: str = Field(description="The operation's id in the OpenAPI document.")
    target: dict[str, str] = Field(description="What the path named.")
    outcome: Outcome = Field(
        description="`began` and nothing after it: the function was cut off, and the change may be made or not."
    )
    status: int | None = Field(description="What was answered; null when nothing was.")
    facts: dict[str, Any] = Field(description="What else is worth knowing of it, such as the version that it made.")
    request: str = Field(description="The request, as the log and a problem's `instance` name it.")


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/audit",
        **openapi_options(
            role="admin",
            summary="Every change, the newest first",
            description="Of the last 31 days, unless `since` says otherwise; a row is kept for 400 days.",
        ),
    )
    def list_audit(
        since: Since = None, who: Who = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[Change]:
        now = dependencies.clock()
        from_ = rfc3339(seconds(since) if since else now - _LOOKS_BACK_SECONDS).rstrip("Z")
        found = decode_cursor(cursor, "month", "at")
        place = Place.read(found["month"], found["at"]) if found else Place.at_the_end(now)
        if place is None:
            raise invalid_field("query.cursor", "not a cursor of this list: leave it out for the first page")
        rows, after = dependencies.audit.page(place, since=from_, who=who or "", limit=limit)
        return Page(items=[_change(row) for row in rows], next=_cursor(after))

    return router


def _cursor(place: Place | None) -> str | None:
    return encode_cursor(month=place.month, at=place.at) if place else None


def _change(row: Row) -> Change:
    return Change(
        at=row.at,
        who=row.who,
        operation=row.operation,
        target=dict(row.target),
        outcome=row.outcome,
        status=row.status or None,
        facts=dict(row.facts),
        request=row.request,
    )
