"""Routes of the node types: what an editor needs to offer them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from management.node_types import service
from management.node_types.models import NodeType

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def routes(_: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/node-types`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/node-types",
        **openapi_options(
            role="viewer",
            summary="The node types, by name",
            description="What each type does, the form of its fields, and its exits. They change with a deploy only.",
        ),
    )
    def list_node_types(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[NodeType]:
        return service.list_node_types(limit, cursor)

    return router
