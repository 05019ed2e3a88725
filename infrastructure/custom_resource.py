"""Custom resources whose function answers CloudFormation itself, without a provider framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.lambda_function import LambdaFunction
from infrastructure.security import nag

# How much longer CloudFormation waits for an answer than the function may run (the default is an hour).
_MARGIN_SECONDS: Final = 60


def custom_resource(
    scope: Construct,
    name: str,
    *,
    function: LambdaFunction,
    timeout: Duration,
    resource_type: str,
    properties: Mapping[str, Any],
) -> CustomResource:
    """A custom resource; `timeout` is its function's.

    CloudFormation invokes the function asynchronously. Lambda may hold an order back for hours, when the account has no
    execution left, and repeats one that failed. An order that CloudFormation no longer waits for is dropped: carried
    out after the next one, it would undo it.
    """
    wait = Duration.seconds(timeout.to_seconds() + _MARGIN_SECONDS)
    resource = CustomResource(
        scope,
        name,
        service_token=function.arn,
        resource_type=resource_type,
        service_timeout=wait,
        properties=dict(properties),
    )
    orders = lambda_.CfnEventInvokeConfig(
        scope,
        f"{name}Orders",
        function_name=function.name,
        qualifier="$LATEST",
        maximum_event_age_in_seconds=wait.to_seconds(),
    )
    reason = "CloudFormation waits for the answer, and reports a failure of the deploy when none comes."
    nag.waive(orders, "Serverless-LambdaAsyncFailureDestination", reason)
    # When the stack is deleted, the function has a last order to carry out: its permissions must exist until then.
    resource.node.add_dependency(function, orders)
    return resource
