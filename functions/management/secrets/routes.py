"""Secrets of the business, for [[secret:name]]: written, never read back."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from management.dependencies import Dependencies
from management.http.openapi import openapi_options
from management.http.pagination import Cursor, Limit, Page
from management.http.times import Time
from management.secrets import service

Secret = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="The name, as in `[[secret:name]]`.")]


class SecretHead(BaseModel):
    """A secret: everything but its value."""

    name: str
    updated_at: Time
    used_by: list[str] = Field(description="The live integrations that send it.")


class SecretValue(BaseModel):
    """What is to be kept."""

    value: str = Field(min_length=1, max_length=16_384, repr=False, description="Never told again.")


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get("/secrets", **openapi_options(role="admin", summary="The names of the secrets"))
    def list_secrets(limit: Limit = 25, cursor: Cursor = None) -> Page[SecretHead]:
        return service.listed(dependencies, SecretHead, limit, cursor)

    @router.put(
        "/secrets/<secret>",
        **openapi_options(
            role="admin",
            summary="Keep a secret, over what was kept under its name",
            description="Functions that hold the old value in memory ask again within five minutes.",
            status=204,
        ),
    )
    def put_secret(secret: Secret, value: SecretValue) -> Response[None]:
        service.keep(dependencies, secret, value.value)
        return Response(204)

    @router.delete(
        "/secrets/<secret>",
        **openapi_options(
            role="admin",
            summary="Delete a secret; AWS keeps it for 7 days, in which a person can bring it back",
            problems=["not-found"],
            status=204,
        ),
    )
    def delete_secret(secret: Secret) -> Response[None]:
        service.delete(dependencies, secret)
        return Response(204)

    return router
