"""The open door: channels bring their messages here, and what they bring is verified before anything else."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from chatflow.settings import WebhookSettings
from infrastructure import timeouts as deadlines
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.operations.log_groups import log_group, vended
from infrastructure.security import nag as waivers
from infrastructure.security.secrets import Secrets

ROUTE = "/webhooks/{channel}"

# What is kept of a request. No address, no query string (a handshake's token stands there), nothing of the body.
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.message",
    "integrationError": "$context.integrationErrorMessage",
}


class WebhookApi(Construct):
    """An HTTP API with one path, throttled as a whole."""

    def __init__(
        self, scope: Construct, name: str, *, house: House, storage: Storage, queues: Queues, secrets: Secrets
    ) -> None:
        super().__init__(scope, name)
        configuration = house.configuration
        settings = WebhookSettings(
            stage=configuration.stage,
            events_queue_url=queues.events.queue_url,
            deliveries_table=storage.deliveries.table_name,
            conversation_secret=secrets.conversation_name,
            channel_secret_prefix=secrets.channel_prefix,
        )
        self.room = Room(
            self,
            "Webhook",
            house=house,
            room="webhook",
            about="Verifies what a channel sends, queues its events, answers.",
            environment=settings.to_environment(),
            timeout=deadlines.WEBHOOK,
        )
        self.room.allow(["sqs:SendMessage"], [queues.events.queue_arn])
        self.room.allow(["dynamodb:UpdateItem"], [storage.deliveries.table_arn])
        self.room.allow(["secretsmanager:GetSecretValue"], [secrets.conversation_key.secret_arn, *secrets.channel_arns])

        self.api = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=configuration.stack_name,
            create_default_stage=False,
            cors_preflight=_cors(configuration.console_origins),
        )
        routes = self.api.add_routes(
            path=ROUTE,
            methods=[apigatewayv2.HttpMethod.GET, apigatewayv2.HttpMethod.POST],
            integration=integrations.HttpLambdaIntegration("Webhook", self.room.function),
        )
        access_log = log_group(self, "AccessLog", configuration, called=vended(self, "apis", "webhooks"))
        self.stage = apigatewayv2.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=configuration.requests_per_second, throttling_burst_limit=configuration.burst
            ),
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=access_log.log_group_arn, format=json.dumps(_ACCESS_LOG)
            ),
        )
        waivers.for_webhook(self.room, routes)

    @property
    def webhook_url(self) -> str:
        """What a channel is told: its own name stands in for {channel}."""
        return f"{self.api.api_endpoint}{ROUTE}"


def _cors(origins: Sequence[str]) -> apigatewayv2.CorsPreflightOptions | None:
    """Lets web pages of these origins call the management API. It holds for webhooks too, which no page calls."""
    if not origins:
        return None
    methods = apigatewayv2.CorsHttpMethod
    return apigatewayv2.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[methods.GET, methods.POST, methods.PUT, methods.PATCH, methods.DELETE],
        allow_headers=["authorization", "content-type", "accept", "if-match", "if-none-match", "idempotency-key"],
        expose_headers=["etag", "idempotency-replayed"],
        max_age=Duration.hours(1),
    )
