"""The HTTP API with the public routes for webhooks of channels, and the function that verifies them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.settings import WebhookSettings
from infrastructure import timeouts
from infrastructure.data.queues import Queues
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.log_groups import log_group, vended_log_name
from infrastructure.security import nag
from infrastructure.security.secrets import Secrets

ROUTE: Final = "/webhooks/{channel}"
ACCOUNT_ROUTE: Final = f"{ROUTE}/{{account}}"
METHODS: Final = (apigatewayv2.HttpMethod.GET, apigatewayv2.HttpMethod.POST)
# Requests a second to the management API: enough for people and their scripts, and too few to slow down webhooks.
_MANAGEMENT_RATE_LIMIT: Final = 20
_MANAGEMENT_BURST_LIMIT: Final = 40

# What is logged of a request: no address, no query string (a handshake's token is part of it), nothing of the body.
_ACCESS_LOG_FORMAT: Final = {
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
    """Every route is throttled, webhooks by a limit of their own; the management API adds its own routes."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        queues: Queues,
        secrets: Secrets,
    ) -> None:
        super().__init__(scope, name)
        configuration = defaults.configuration
        settings = WebhookSettings(
            stage=configuration.stage,
            events_queue_url=queues.events.queue_url,
            statuses_queue_url=queues.statuses.queue_url,
            conversation_secret=secrets.conversation_name,
            channel_secret_prefix=secrets.channel_prefix,
        )
        self.function = LambdaFunction(
            self,
            "Webhook",
            defaults=defaults,
            folder="webhook",
            description="Verifies a channel's webhook, queues its events, and answers.",
            environment=settings.to_environment(),
            timeout=timeouts.WEBHOOK,
            tracing=lambda_.Tracing.DISABLED,
            logs_each_run=False,  # nine of eleven requests are delivery statuses
            no_dead_letter_queue="API Gateway waits for the answer: after a 5xx the channel sends again.",
        )
        self.function.allow(["sqs:SendMessage"], [queues.events.queue_arn, queues.statuses.queue_arn])
        self.function.allow(
            ["secretsmanager:GetSecretValue"], [secrets.conversation_key.secret_arn, secrets.channels_arn]
        )

        self.api = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=configuration.stack_name,
            create_default_stage=False,
            cors_preflight=_cors(configuration.console_origins),
        )
        integration = integrations.HttpLambdaIntegration("Webhook", self.function.resource)
        routes = [
            route
            for path in (ROUTE, ACCOUNT_ROUTE)
            for route in self.api.add_routes(path=path, methods=list(METHODS), integration=integration)
        ]
        for route in routes:
            reason = "Channels can only sign what they send: the function verifies the signature before anything else."
            nag.waive(route, "AwsSolutions-APIG4", reason)
        self.access_log = log_group(
            self, "AccessLog", configuration, log_group_name=vended_log_name(self, "apis", "webhooks")
        )
        self.stage = apigatewayv2.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            # The limit of the management API is the default, and webhooks have one of their own. A limit for each
            # operation would make every upgrade fail that removes an operation: API Gateway keeps the settings of a
            # route until they are removed, and refuses to update a stage with settings of a route that is gone.
            # https://github.com/aws/serverless-application-model/issues/1939
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=_MANAGEMENT_RATE_LIMIT, throttling_burst_limit=_MANAGEMENT_BURST_LIMIT
            ),
            route_settings={
                f"{method.value} {path}": {
                    "ThrottlingRateLimit": configuration.requests_per_second,
                    "ThrottlingBurstLimit": configuration.burst,
                }
                for path in (ROUTE, ACCOUNT_ROUTE)
                for method in METHODS
            },
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=self.access_log.log_group_arn, format=json.dumps(_ACCESS_LOG_FORMAT)
            ),
        )
        for route in routes:
            self.stage.node.add_dependency(route)  # a limit can be set only on a route that exists

    @property
    def webhook_url(self) -> str:
        """The URL of a channel's webhook, whose name replaces {channel}; an account's is below it."""
        return f"{self.api.api_endpoint}{ROUTE}"


def _cors(origins: Sequence[str]) -> apigatewayv2.CorsPreflightOptions | None:
    """Lets web pages of these origins call the management API. It applies to webhooks too, which no page calls."""
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
