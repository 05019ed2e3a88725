"""Routes about the API itself: the signed-in user and the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.about.models import Me
from management.http.auth import ROLES, caller
from management.http.openapi import document, openapi_options

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def routes(_: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/me` and `/openapi.json`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/me", **openapi_options(role="viewer", summary="The signed-in user and their roles"))
    def get_me() -> Me:
        user = caller()
        return Me(name=user.name, roles=[role for role in ROLES if role in user.roles])

    @router.get("/openapi.json", **openapi_options(role="viewer", summary="This API, as an OpenAPI 3.1 document"))
    def get_openapi() -> dict[str, Any]:
        return document(cast(ApiGatewayResolver, router.api_resolver))

    return router
