"""The WebSocket API whose connections belong to contacts, with its function and table, where a channel requests it.

API Gateway delivers access logs of WebSocket APIs only in accounts with a CloudWatch role in their API Gateway
settings; elsewhere, a stage with such a log cannot be created. That setting belongs to the account, and not to a stack:
the function logs each connection instead.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from chatflow.channels.manifest import ChannelManifest
from chatflow.settings import ConnectionsSettings
from infrastructure import timeouts
from infrastructure.data.storage import add_table
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.security import nag
from infrastructure.security.nag import WildcardArn
from infrastructure.security.secrets import Secrets

_STAGE: Final = "live"


class PushApi(Construct):
    """$connect asks the channel's module `push`; $disconnect forgets the connection; other messages have no effect."""

    def __init__(self, scope: Construct, name: str, *, defaults: FunctionDefaults, secrets: Secrets) -> None:
        super().__init__(scope, name)
        configuration = defaults.configuration
        self.table = add_table(self, "Connections", configuration, "conversation", "connection")
        settings = ConnectionsSettings(
            connections_table=self.table.table_name,
            conversation_secret=secrets.conversation_name,
            channel_secret_prefix=secrets.channel_prefix,
        )
        self.function = LambdaFunction(
            self,
            "PushConnections",
            defaults=defaults,
            folder="connections",
            description="Admits a contact's browser to the WebSocket API, and forgets it when it leaves.",
            environment=settings.to_environment(),
            timeout=timeouts.CONNECTIONS,
            no_dead_letter_queue="API Gateway waits for the answer: without one, the browser connects again.",
        )
        self.function.allow(
            ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:DeleteItem"], [self.table.table_arn]
        )
        self.function.allow(
            ["secretsmanager:GetSecretValue"], [secrets.conversation_key.secret_arn, secrets.channels_arn]
        )

        self._api = apigatewayv2.WebSocketApi(self, "Api", api_name=f"{configuration.stack_name}-push")
        connect = self._api.add_route("$connect", integration=self._function_integration("Connect"))
        nag.waive(
            connect,
            "AwsSolutions-APIG4",
            "A channel's customers cannot sign in: its own module checks the token in the request.",
        )
        disconnect = self._api.add_route("$disconnect", integration=self._function_integration("Disconnect"))
        # A page sends something now and then, since API Gateway closes a connection that is idle for 10 minutes. The
        # mock takes it; without this route, the page would get an error each time.
        ignore = integrations.WebSocketMockIntegration(
            "Ignore", request_templates={"200": json.dumps({"statusCode": 200})}, template_selection_expression="200"
        )
        default = self._api.add_route("$default", integration=ignore)
        for route in (disconnect, default):
            nag.waive(route, "AwsSolutions-APIG4", "Only a connection that $connect admitted gets here.")
        stage = apigatewayv2.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self._api,
            stage_name=_STAGE,
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=configuration.requests_per_second, burst_limit=configuration.burst
            ),
        )
        for rule in ("AwsSolutions-APIG1", "Serverless-APIGWAccessLogging"):
            reason = "Its access log needs a setting of the account; the function logs each connection instead."
            nag.waive(stage, rule, reason)
        stage.node.add_dependency(connect, disconnect, default)
        self.endpoint = stage.callback_url  # for our own calls
        CfnOutput(Stack.of(self), "PushUrl", value=stage.url)

    @property
    def posts(self) -> WildcardArn:
        """Posting to the connections of this API."""
        arn = Stack.of(self).format_arn(
            service="execute-api",
            resource=self._api.api_id,
            resource_name=f"{_STAGE}/POST/@connections/*",
        )
        return WildcardArn(arn, "A connection gets its id when it is opened.")

    def _function_integration(self, name: str) -> integrations.WebSocketLambdaIntegration:
        return integrations.WebSocketLambdaIntegration(name, self.function.resource)


def add_push_api(
    scope: Construct, channels: Sequence[ChannelManifest], *, defaults: FunctionDefaults, secrets: Secrets
) -> PushApi | None:
    """The API, if at least one channel requests it. The function answers 404 for the other channels."""
    if not any("push" in channel.infrastructure for channel in channels):
        return None
    return PushApi(scope, "Push", defaults=defaults, secrets=secrets)
