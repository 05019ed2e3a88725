"""A folder of `functions/` as a Lambda function with its own role, log group and permissions; and the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.log_groups import log_group
from infrastructure.packaging.builder import Package, Packages
from infrastructure.security import nag
from infrastructure.security.encryption_key import grant_key_use
from infrastructure.security.nag import WildcardArn

_RUNTIME: Final = lambda_.Runtime.PYTHON_3_14  # packaging/targets.py builds for exactly this one
_ARCHITECTURE: Final = lambda_.Architecture.ARM_64
_EVENT_RETRIES: Final = 2
_MAXIMUM_EVENT_AGE: Final = Duration.hours(6)
_SAMPLED = "The conversation function chooses the turns that are traced; Lambda would trace each of a quiet deployment."
_X_RAY = WildcardArn("*", "X-Ray takes traces without a resource that could be named.")


class Layers(Construct):
    """The layers. Every function has `shared`; `publishing` compiles flows; `thumbnails` renders pictures of files."""

    def __init__(self, scope: Construct, name: str, *, packages: Packages) -> None:
        super().__init__(scope, name)
        self.shared = [
            self._layer("Dependencies", packages["dependencies"], "Third-party packages, hash-pinned."),
            self._layer("Language", packages["chatflow"], "The package chatflow."),
        ]
        self.publishing = self._layer("Publishing", packages["layers/publishing"], "Reads and validates flows.")
        self.thumbnails = self._layer("Thumbnails", packages["layers/thumbnails"], "Renders thumbnails of files.")

    def _layer(self, name: str, package: Package, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=lambda_.Code.from_asset(str(package.path), asset_hash=package.hash),
            compatible_runtimes=[_RUNTIME],
            compatible_architectures=[_ARCHITECTURE],
            description=description,
        )


@dataclass(frozen=True)
class FunctionDefaults:
    """What every function of the stack is made with."""

    configuration: Configuration
    packages: Packages
    layers: Layers


class LambdaFunction(Construct):
    """The function may write its log and its traces, and what `allow` adds. No managed policy is attached."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        folder: str,
        function_name: str = "",
        description: str,
        environment: Mapping[str, str],
        timeout: Duration,
        memory: int = 256,  # MB
        layers: Sequence[lambda_.LayerVersion] = (),
        tracing: lambda_.Tracing = lambda_.Tracing.ACTIVE,
        logs_each_run: bool = True,
        no_dead_letter_queue: str,
    ) -> None:
        """`folder` is relative to `functions/`. `no_dead_letter_queue` is the reason why the function has none.

        `function_name`: the name on AWS after the stack's name, where it is not the folder's. A function that is
        renamed is replaced. Without `logs_each_run`, Lambda's own lines of a run that went well are left out.
        """
        super().__init__(scope, name)
        package = defaults.packages[folder]
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        if tracing != lambda_.Tracing.DISABLED:
            nag.waive_wildcard(self.role, _X_RAY)
        self.log = log_group(self, "Log", defaults.configuration)
        self.log.grant_write(self.role)
        self.resource = lambda_.Function(
            self,
            "Function",
            function_name=f"{Stack.of(self).stack_name}-{function_name or folder.rpartition('/')[2].replace('_', '-')}",
            description=description,
            code=lambda_.Code.from_asset(str(package.path), asset_hash=package.hash),
            handler=f"{folder.replace('/', '.')}.handler.lambda_handler",
            runtime=_RUNTIME,
            architecture=_ARCHITECTURE,
            layers=[*defaults.layers.shared, *layers],
            role=self.role,
            memory_size=memory,
            timeout=timeout,
            environment=dict(environment),
            tracing=tracing,
            log_group=self.log,
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=None if logs_each_run else lambda_.SystemLogLevel.WARN,
            reserved_concurrent_executions=defaults.configuration.reserved_concurrency or None,
        )
        nag.waive(self.resource, "Serverless-LambdaDLQ", no_dead_letter_queue)
        if tracing != lambda_.Tracing.ACTIVE:
            nag.waive(self.resource, "Serverless-LambdaTracing", _SAMPLED)

    @property
    def name(self) -> str:
        return self.resource.function_name

    @property
    def arn(self) -> str:
        return self.resource.function_arn

    def allow(
        self,
        actions: Sequence[str],
        resources: Sequence[str | WildcardArn],
        conditions: Mapping[str, Any] | None = None,
    ) -> None:
        """Let the function do this, and use the encryption key as far as these actions need it."""
        arns = [each.arn if isinstance(each, WildcardArn) else each for each in resources]
        self.role.add_to_principal_policy(
            iam.PolicyStatement(actions=list(actions), resources=arns, conditions=conditions)
        )
        grant_key_use(self.role, actions)
        for each in resources:
            if isinstance(each, WildcardArn):
                nag.waive_wildcard(self.role, each)


def event_target(scope: Construct, function: LambdaFunction, dead_letters: sqs.Queue) -> targets.LambdaFunction:
    """The function as the target of EventBridge rules; nothing waits for its answer.

    EventBridge retries the hand-over and Lambda retries the run; an event that still fails goes to `dead_letters`.
    """
    # Written out, since the CDK's own destination grants more on the queue, and on the encryption key, than to send.
    lambda_.CfnEventInvokeConfig(
        scope,
        "Tries",
        function_name=function.name,
        qualifier="$LATEST",
        maximum_retry_attempts=_EVENT_RETRIES,
        maximum_event_age_in_seconds=_MAXIMUM_EVENT_AGE.to_seconds(),
        destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=dead_letters.queue_arn)
        ),
    ).node.add_dependency(function.role)  # Lambda checks that the role may send to the queue
    function.allow(["sqs:SendMessage"], [dead_letters.queue_arn])
    return targets.LambdaFunction(
        function.resource,
        dead_letter_queue=dead_letters,
        retry_attempts=_EVENT_RETRIES,
        max_event_age=_MAXIMUM_EVENT_AGE,
    )
