"""Routes of the held calls: calls of the business's API that its trouble prevents, and that are tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.held import service
from management.held.models import HeldCall, Sent, Which
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page

if TYPE_CHECKING:
    from management.dependencies import Dependencies

OfHost = Annotated[
    str | None,
    Query(
        pattern=r"^[^#\s/]{1,300}:[0-9]{1,5}$", description="Only calls to this host, such as `api.example.com:443`."
    ),
]
_PROBLEMS: Final = ["not-found", "not-held", "session-unreadable"]
_HOST: Final = (
    "For a host, a request queues events for at most 100 calls, the oldest first; the response has the cursor for the "
    "next ones. It may be repeated at any time."
)


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/held`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/held",
        **openapi_options(
            role="viewer",
            summary="Held calls, by host, the oldest first",
            description="Each is a session that waits because the business's API is in trouble. A page may have fewer "
            "than `limit` items and still a next page.",
        ),
    )
    def list_held_calls(host: OfHost = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[HeldCall]:
        return service.list_held(dependencies, host or "", limit, cursor)

    @router.post(
        "/held/retry",
        **openapi_options(
            role="editor",
            summary="Try held calls now",
            description="Under their Idempotency-Key, as the next try would be. A second request while the first try "
            f"runs, or after the API answered, changes nothing. {_HOST}",
            status=202,
            problems=_PROBLEMS,
        ),
    )
    def retry_held_calls(which: Which) -> Sent:
        return service.act(dependencies, "retry", which)

    @router.post(
        "/held/give-up",
        **openapi_options(
            role="editor",
            summary="Give held calls up",
            description="Their sessions leave the node by the exit `failure`, with the reason `outage`, as when their "
            f"time is over. {_HOST}",
            status=202,
            problems=_PROBLEMS,
        ),
    )
    def give_up_held_calls(which: Which) -> Sent:
        return service.act(dependencies, "give_up", which)

    return router
