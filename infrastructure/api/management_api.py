"""The management API: one function behind the API of the webhooks, with a route for each operation, none of them open.

The operations are those of docs/openapi.json, which is made of the function's own code: what is not in it is not
reachable, and a test says when it is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.settings import ManagementSettings
from infrastructure import timeouts as deadlines
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.packaging.contents import ROOT
from infrastructure.security import nag as waivers
from infrastructure.security.encryption_key import key_of
from infrastructure.security.secrets import Secrets
from infrastructure.security.user_pool import Access

PREFIX: Final = "/api/v1"
OPENAPI: Final = ROOT / "docs" / "openapi.json"
# Requests in a second to one operation: plenty for people and their scripts, and nothing that webhooks would feel.
_RATE, _BURST = 20, 40
_MEMORY = 512  # MB: pydantic and the flows' compiler start in a fraction of the time that they take with 256


class Management(Construct):
    """What API Gateway does not know a token for never reaches the function; the function asks for the role."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        house: House,
        storage: Storage,
        queues: Queues,
        secrets: Secrets,
        webhooks: WebhookApi,
        access: Access,
    ) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        trial, key = f"{stack.stack_name}-trial", key_of(self)
        settings = ManagementSettings(
            stage=house.configuration.stage,
            sessions_table=storage.sessions.table_name,
            flows_table=storage.flows.table_name,
            assets_table=storage.assets.table_name,
            deliveries_table=storage.deliveries.table_name,
            audit_table=storage.audit.table_name,
            repeats_table=storage.repeats.table_name,
            media_bucket=storage.media_bucket.bucket_name,
            asset_bucket=storage.asset_bucket.bucket_name,
            events_queue_url=queues.events.queue_url,
            events_dead_letters_url=queues.events_dead_letters.queue_url,
            schedule_dead_letters_url=queues.schedule_dead_letters.queue_url,
            conversation_secret=secrets.conversation_name,
            business_secret_prefix=secrets.business_prefix,
            trial_function=trial,
            secrets_key=key.key_arn if key else "",
        )
        self.room = Room(
            self,
            "ManagementApi",
            house=house,
            room="management",
            about="The management API: assets, flows, integrations, conversations.",
            environment=settings.to_environment(),
            timeout=deadlines.MANAGEMENT,
            memory=_MEMORY,
            layers=[house.layers.publishing],
        )
        self._grant(storage, queues, secrets, trial)
        self._open(webhooks, access)
        self.url = f"{webhooks.api.api_endpoint}{PREFIX}"

    def _open(self, webhooks: WebhookApi, access: Access) -> None:
        api_id = webhooks.api.api_id
        integration = apigatewayv2.CfnIntegration(
            self,
            "Integration",
            api_id=api_id,
            integration_type="AWS_PROXY",
            integration_uri=self.room.function.function_arn,
            payload_format_version="2.0",
        )
        authorizer = apigatewayv2.CfnAuthorizer(
            self,
            "Users",
            api_id=api_id,
            authorizer_type="JWT",
            name="users",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=apigatewayv2.CfnAuthorizer.JWTConfigurationProperty(
                issuer=access.issuer, audience=[access.client.user_pool_client_id]
            ),
        )
        limits = {}
        for route_key, operation in operations():
            route = apigatewayv2.CfnRoute(
                self,
                operation,
                api_id=api_id,
                route_key=route_key,
                authorization_type="JWT",
                authorizer_id=authorizer.ref,
                target=f"integrations/{integration.ref}",
            )
            webhooks.stage.node.add_dependency(route)  # its limit can be set on a route that is there
            limits[route_key] = {"ThrottlingRateLimit": _RATE, "ThrottlingBurstLimit": _BURST}
        webhooks.stage.route_settings = limits
        # One permission for all routes: one each would outgrow the policy of the function.
        calls = Stack.of(self).format_arn(
            service="execute-api",
            resource=api_id,
            resource_name=f"*/*{PREFIX}/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        lambda_.CfnPermission(
            self,
            "Calls",
            action="lambda:InvokeFunction",
            function_name=self.room.function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=calls,
        )

    def _grant(self, storage: Storage, queues: Queues, secrets: Secrets, trial: str) -> None:
        read = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]
        write = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]
        published = [storage.flows.table_arn, storage.assets.table_arn]
        sessions = storage.sessions.table_arn
        self.room.allow(read, [*published, sessions, storage.deliveries.table_arn])
        lists = [*(f"{table}/index/listed" for table in published), f"{sessions}/index/by_state"]
        self.room.allow(["dynamodb:Query"], lists)
        self.room.allow(write, published)
        self.room.allow(["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"], [storage.audit.table_arn])
        self.room.allow(["dynamodb:GetItem", *write[:3]], [storage.repeats.table_arn])

        # Links to files: a signed link may do what the function may do. What is not clean is handed to nobody.
        library, media = storage.asset_bucket, storage.media_bucket
        clean = {"StringEquals": {"s3:ExistingObjectTag/state": "clean"}}
        of_conversations = [media.arn_for_objects("media/*"), media.arn_for_objects("download/*")]
        self.room.allow(["s3:GetObject"], [library.arn_for_objects("asset/*"), *of_conversations], clean)
        self.room.allow(["s3:GetObject"], [library.arn_for_objects("thumbnail/*")])
        self.room.allow(["s3:PutObject"], [library.arn_for_objects("upload/*")])
        # A deleted asset: what only it held. An older content can be brought back in the bucket for a while.
        own = [library.arn_for_objects(keys) for keys in ("asset/*", "thumbnail/*", "upload/*")]
        self.room.allow(["s3:DeleteObject"], own)

        self.room.allow(["sqs:SendMessage"], [queues.events.queue_arn])
        dead = [queue.queue_arn for queue in (queues.events_dead_letters, queues.schedule_dead_letters)]
        letters = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
        self.room.allow(letters, dead)

        self.room.allow(["secretsmanager:GetSecretValue"], [secrets.conversation_key.secret_arn])
        # Written and never read back: no GetSecretValue here.
        written = ["CreateSecret", "PutSecretValue", "DeleteSecret", "RestoreSecret", "DescribeSecret"]
        self.room.allow([f"secretsmanager:{action}" for action in written], [secrets.business_arn])
        self.room.allow(["secretsmanager:ListSecrets"], ["*"])  # which takes no resource; names, never values

        function = Stack.of(self).format_arn(
            service="lambda",
            resource="function",
            resource_name=trial,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.room.allow(["lambda:InvokeFunction"], [function])
        waivers.for_management(self.room, storage, secrets.business_arn)


def operations() -> Iterator[tuple[str, str]]:
    """The route key of each operation of the API, and its name."""
    document = json.loads(OPENAPI.read_text())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {PREFIX}{path}", operation["operationId"]
