"""The management API: one function behind the HTTP API of the webhooks, with a route for each operation.

The routes are the operations of docs/openapi.json, which is generated from the function's own code: an operation that
is not in it cannot be reached, and a test fails when it is out of date.
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
from infrastructure import timeouts
from infrastructure.api.webhook_api import WebhookApi
from infrastructure.data.object_tags import has_state
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.packaging.contents import ROOT
from infrastructure.security.encryption_key import encryption_key
from infrastructure.security.nag import WildcardArn
from infrastructure.security.secrets import Secrets
from infrastructure.security.user_pool import UserPool

PREFIX: Final = "/api/v1"
OPENAPI: Final = ROOT / "docs" / "openapi.json"
_MEMORY: Final = 512  # MB; pydantic and the compiler of flows start in a fraction of the time that they take with 256


class ManagementApi(Construct):
    """API Gateway refuses a request without a valid token of the user pool; the function checks the user's role."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        storage: Storage,
        queues: Queues,
        secrets: Secrets,
        webhooks: WebhookApi,
        users: UserPool,
    ) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        trial_function, key = f"{stack.stack_name}-trial", encryption_key(self)
        settings = ManagementSettings(
            stage=defaults.configuration.stage,
            sessions_table=storage.sessions.table_name,
            flows_table=storage.flows.table_name,
            assets_table=storage.assets.table_name,
            deliveries_table=storage.deliveries.table_name,
            audit_table=storage.audit.table_name,
            repeats_table=storage.repeats.table_name,
            hosts_table=storage.hosts.table_name,
            calls_per_host=str(defaults.configuration.calls_per_host),
            media_bucket=storage.media_bucket.bucket_name,
            asset_bucket=storage.asset_bucket.bucket_name,
            events_queue_url=queues.events.queue_url,
            events_dead_letters_url=queues.events_dead_letters.queue_url,
            schedule_dead_letters_url=queues.schedule_dead_letters.queue_url,
            conversation_secret=secrets.conversation_name,
            business_secret_prefix=secrets.business_prefix,
            trial_function=trial_function,
            secrets_key=key.key_arn if key else "",
        )
        self.function = LambdaFunction(
            self,
            "ManagementApi",
            defaults=defaults,
            folder="management",
            description="The management API: assets, flows, integrations, conversations.",
            environment=settings.to_environment(),
            timeout=timeouts.MANAGEMENT_API,
            memory=_MEMORY,
            layers=[defaults.layers.publishing],
            no_dead_letter_queue="API Gateway waits for the answer: the client gets a failure as a 5xx.",
        )
        self._grant_data_access(storage)
        self._grant_file_access(storage)
        self._grant_service_access(queues, secrets, trial_function)
        self._add_routes(webhooks, users)
        self.url = f"{webhooks.api.api_endpoint}{PREFIX}"

    def _grant_data_access(self, storage: Storage) -> None:
        read = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]
        write = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]
        published = [storage.flows.table_arn, storage.assets.table_arn]
        sessions = storage.sessions.table_arn
        self.function.allow(read, [*published, sessions, storage.deliveries.table_arn])
        indexes = [
            *(f"{table}/index/listed" for table in published),
            *(f"{sessions}/index/{name}" for name in ("by_state", "by_host")),
        ]
        self.function.allow(["dynamodb:Query"], indexes)
        self.function.allow(["dynamodb:BatchGetItem"], [storage.hosts.table_arn])
        self.function.allow(write, published)
        self.function.allow(["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"], [storage.audit.table_arn])
        self.function.allow(["dynamodb:GetItem", *write[:3]], [storage.repeats.table_arn])

    def _grant_file_access(self, storage: Storage) -> None:
        # A signed link allows what the function's role allows, so links exist only for files that are tagged clean.
        linked = [storage.asset_contents, storage.customer_files, storage.downloads]
        self.function.allow(["s3:GetObject"], linked, has_state("clean"))
        self.function.allow(["s3:GetObject"], [storage.thumbnails])
        self.function.allow(["s3:PutObject"], [storage.asset_uploads])
        # For files that only a deleted asset had. The bucket can restore an older content for a while.
        self.function.allow(["s3:DeleteObject"], [storage.asset_contents, storage.thumbnails, storage.asset_uploads])

    def _grant_service_access(self, queues: Queues, secrets: Secrets, trial_function: str) -> None:
        self.function.allow(["sqs:SendMessage"], [queues.events.queue_arn])
        dead_letters = [queue.queue_arn for queue in (queues.events_dead_letters, queues.schedule_dead_letters)]
        self.function.allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
            dead_letters,
        )

        self.function.allow(["secretsmanager:GetSecretValue"], [secrets.conversation_key.secret_arn])
        # Secrets of the business are written and never read: no GetSecretValue here.
        actions = ["CreateSecret", "UpdateSecret", "DeleteSecret", "RestoreSecret", "DescribeSecret"]
        self.function.allow([f"secretsmanager:{action}" for action in actions], [secrets.business_arn])
        every_secret = WildcardArn("*", "ListSecrets takes no resource; it returns names, never values.")
        self.function.allow(["secretsmanager:ListSecrets"], [every_secret])

        trial_arn = Stack.of(self).format_arn(
            service="lambda",
            resource="function",
            resource_name=trial_function,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.function.allow(["lambda:InvokeFunction"], [trial_arn])

    def _add_routes(self, webhooks: WebhookApi, users: UserPool) -> None:
        api_id = webhooks.api.api_id
        integration = apigatewayv2.CfnIntegration(
            self,
            "Integration",
            api_id=api_id,
            integration_type="AWS_PROXY",
            integration_uri=self.function.arn,
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
                issuer=users.issuer, audience=users.client_ids
            ),
        )
        # An operation keeps its name, which is the construct's id: for another id, CloudFormation would create the
        # route a second time before it deletes the former one, which API Gateway refuses.
        for route_key, operation in operations():
            apigatewayv2.CfnRoute(
                self,
                operation,
                api_id=api_id,
                route_key=route_key,
                authorization_type="JWT",
                authorizer_id=authorizer.ref,
                target=f"integrations/{integration.ref}",
            )
        # One permission for all routes: one for each would exceed the size of the function's policy.
        every_route = Stack.of(self).format_arn(
            service="execute-api",
            resource=api_id,
            resource_name=f"*/*{PREFIX}/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        lambda_.CfnPermission(
            self,
            "Calls",
            action="lambda:InvokeFunction",
            function_name=self.function.arn,
            principal="apigateway.amazonaws.com",
            source_arn=every_route,
        )


def operations() -> Iterator[tuple[str, str]]:
    """The route key of each operation of the API, and its operationId."""
    document = json.loads(OPENAPI.read_text())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {PREFIX}{path}", operation["operationId"]
