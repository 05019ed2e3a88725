"""Routes of the dead letters: events that failed at every try, and deadlines that could not be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.conversations.models import Accepted
from management.dead_letters import service
from management.dead_letters.models import DeadLetters
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit

if TYPE_CHECKING:
    from management.dependencies import Dependencies

LetterId = Annotated[str, Path(pattern=r"^[es]-[0-9A-Za-z-]{1,100}$", description="A letter's id.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/dead-letters`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/dead-letters",
        **openapi_options(role="viewer", summary="Dead letters with their reasons, the newest first"),
    )
    def list_dead_letters(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> DeadLetters:
        return service.list_letters(dependencies, limit, cursor)

    @router.post(
        "/dead-letters/<letter>/redrive",
        **openapi_options(
            role="editor",
            summary="Send the event once more",
            description="It applies only if its session still stands at the node and the wait of the failure, however "
            "often the contact wrote since.",
            status=202,
            problems=["not-found", "stale-letter", "session-unreadable"],
        ),
    )
    def redrive_dead_letter(letter: LetterId) -> Accepted:
        return service.redrive(dependencies, letter)

    @router.delete(
        "/dead-letters/<letter>",
        **openapi_options(role="editor", summary="Delete a dead letter", status=204, problems=["not-found"]),
    )
    def delete_dead_letter(letter: LetterId) -> Response[None]:
        service.delete(dependencies, letter)
        return Response(status_code=204)

    return router
