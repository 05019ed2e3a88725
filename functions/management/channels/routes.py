"""Routes of `/channels`: what a channel has to do with the flows that are live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from management.channels import service
from management.flows.models import Findings
from management.http.openapi import openapi_options

if TYPE_CHECKING:
    from management.dependencies import Dependencies

Channel = Annotated[str, Path(description="The channel's name.", min_length=1, max_length=32)]


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    """The router of `/channels`."""
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/channels/<channel>/flow-problems",
        **openapi_options(
            role="viewer",
            summary="What of the live flows does not fit a channel, whether the routes name it or not",
            problems=["not-found"],
        ),
    )
    def get_flow_problems(channel: Channel) -> Findings:
        return service.flow_problems(dependencies, channel)

    return router
