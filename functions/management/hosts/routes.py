"""Routes of the hosts: where the business's APIs are, and whether calls reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.hosts import service
from management.hosts.models import Host
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/hosts`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/hosts",
        **openapi_options(
            role="viewer",
            summary="Hosts that integrations call, each with its circuit breaker and its slots",
            description="Those of the live integrations, and others for which calls are held.",
        ),
    )
    def list_hosts(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[Host]:
        return service.list_hosts(dependencies, limit, cursor)

    return router
