"""The public routes that channels request in their manifests, answered by the webhook function.

A route is in the template when a channel requests it. Its limit is the stage's default: a limit of its own would make
the upgrade fail that removes the channel (see webhook_api.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations

from chatflow.channels.manifest import ChannelManifest
from infrastructure.api.channel_paths import requested_paths
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.security import nag


def add_channel_routes(webhooks: WebhookApi, channels: Sequence[ChannelManifest]) -> None:
    """Add the routes that at least one channel requests. The function answers 404 for the other channels."""
    for path, names in requested_paths(channels).items():
        methods = [apigatewayv2.HttpMethod(name) for name in names]
        integration = integrations.HttpLambdaIntegration("Public", webhooks.function.resource)
        for route in webhooks.api.add_routes(path=path, methods=methods, integration=integration):
            reason = "A channel's customers cannot sign in: its own module checks the request, or the file is public."
            nag.waive(route, "AwsSolutions-APIG4", reason)
