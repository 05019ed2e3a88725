"""The public routes that channels request in their manifests, answered by the webhook function.

A route is in the template when a channel requests it. Its limit is the stage's default: a limit of its own would make
the upgrade fail that removes the channel (see webhook_api.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations

from chatflow.channels.manifest import ChannelManifest
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.security import nag

_GET, _POST = apigatewayv2.HttpMethod.GET, apigatewayv2.HttpMethod.POST
# By the name that a manifest uses. Of two paths that match, API Gateway takes the one with fewer variables.
ROUTES: Final[Mapping[str, tuple[str, tuple[apigatewayv2.HttpMethod, ...]]]] = {
    "routes": ("/channels/{channel}/{account}/{path+}", (_GET, _POST)),
    "page": ("/channels/{channel}/page/{file}", (_GET,)),
}


def add_channel_routes(webhooks: WebhookApi, channels: Sequence[ChannelManifest]) -> None:
    """Add the routes that at least one channel requests. The function answers 404 for the other channels."""
    requested = {need for channel in channels for need in channel.infrastructure}
    for need, (path, methods) in ROUTES.items():
        if need not in requested:
            continue
        integration = integrations.HttpLambdaIntegration(need.title(), webhooks.function.resource)
        for route in webhooks.api.add_routes(path=path, methods=list(methods), integration=integration):
            reason = "A channel's customers cannot sign in: its own module checks the request, or the file is public."
            nag.waive(route, "AwsSolutions-APIG4", reason)
