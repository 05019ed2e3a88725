"""Who is signed in, and what the API can do."""

from __future__ import annotations

from typing import Any, cast

from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from management.dependencies import Dependencies
from management.http.auth import ROLES, caller
from management.http.openapi import document, openapi_options


class Me(BaseModel):
    """The user of the token that was sent."""

    name: str
    roles: list[str] = Field(description="viewer, editor, admin: each may do what those before it may.")


def routes(_: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/me", **openapi_options(role="viewer", summary="Who is signed in, and with which roles"))
    def get_me() -> Me:
        who = caller()
        return Me(name=who.name, roles=[role for role in ROLES if role in who.roles])

    @router.get("/openapi.json", **openapi_options(role="viewer", summary="This API, as an OpenAPI 3.1 document"))
    def get_openapi() -> dict[str, Any]:
        return document(cast(ApiGatewayResolver, router.api_resolver))

    return router
