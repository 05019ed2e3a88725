"""One room of `functions/` as a Lambda function, with a role and a log of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.layers import ARCHITECTURE, RUNTIME, Layers
from infrastructure.operations.log_groups import log_group
from infrastructure.packaging import Packages
from infrastructure.security import encryption_key as keys
from infrastructure.security import nag as waivers


@dataclass(frozen=True)
class House:
    """What every room stands on."""

    configuration: Configuration
    packages: Packages
    layers: Layers


class Room(Construct):
    """The function may write its log and its traces, and what `allow` adds. Nothing comes from a managed policy."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        house: House,
        room: str,
        function_name: str = "",
        about: str,
        environment: Mapping[str, str],
        timeout: Duration,
        memory: int = 256,  # MB
        layers: Sequence[lambda_.LayerVersion] = (),
    ) -> None:
        """`function_name`: the name on AWS after the stack's, where it is not the room's: renaming would replace it."""
        super().__init__(scope, name)
        package = house.packages[room]
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log = log_group(self, "Log", house.configuration)
        self.log.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=f"{Stack.of(self).stack_name}-{function_name or room.rpartition('/')[2].replace('_', '-')}",
            description=about,
            code=lambda_.Code.from_asset(str(package.path), asset_hash=package.hash),
            handler=f"{room.replace('/', '.')}.handler.lambda_handler",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            layers=[*house.layers.all, *layers],
            role=self.role,
            memory_size=memory,
            timeout=timeout,
            environment=dict(environment),
            tracing=lambda_.Tracing.ACTIVE,
            log_group=self.log,
            logging_format=lambda_.LoggingFormat.JSON,
            reserved_concurrent_executions=house.configuration.reserved_concurrency or None,
        )
        waivers.for_room(self)

    def allow(
        self, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
    ) -> None:
        """Let the function do this, and nothing more."""
        statement = iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
        self.role.add_to_principal_policy(statement)
        keys.unlock(self.role, actions)
