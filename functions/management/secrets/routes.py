"""Routes of the business's secrets, for [[secret:name]]. A value is written, and never read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.secrets import service
from management.secrets.models import SecretHead, SecretValue

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Secret = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="The name, as in `[[secret:name]]`.")]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/secrets`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/secrets", **openapi_options(role="admin", summary="The names of the secrets"))
    def list_secrets(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[SecretHead]:
        return service.list_secrets(dependencies, limit, cursor)

    @router.put(
        "/secrets/<secret>",
        **openapi_options(
            role="admin",
            summary="Set a secret, and the hosts that may receive it",
            description="Functions that cache the old value and its hosts read the new ones within five minutes.",
            status=204,
        ),
    )
    def put_secret(secret: Secret, value: SecretValue) -> Response[None]:
        service.put(dependencies, secret, value.value, value.hosts)
        return Response(204)

    @router.delete(
        "/secrets/<secret>",
        **openapi_options(
            role="admin",
            summary="Delete a secret; it can be restored in AWS for 7 days",
            problems=["not-found"],
            status=204,
        ),
    )
    def delete_secret(secret: Secret) -> Response[None]:
        service.delete(dependencies, secret)
        return Response(204)

    return router
