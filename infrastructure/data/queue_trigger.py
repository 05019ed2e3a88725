"""The trigger by which a standard queue runs the function that works it off."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.lambda_function import LambdaFunction
from infrastructure.security import nag


def add_queue_trigger(
    scope: Construct,
    function: LambdaFunction,
    queue: sqs.Queue,
    *,
    batch_size: int,
    concurrency: int,
    dead_letters: str,
) -> None:
    """Run the function for messages of the queue; it reports those that failed. `dead_letters`: where these end."""
    trigger = lambda_.EventSourceMapping(
        scope,
        "Trigger",
        target=function.resource,
        event_source_arn=queue.queue_arn,
        batch_size=batch_size,
        max_concurrency=concurrency,
        report_batch_item_failures=True,
    )
    trigger.node.add_dependency(function.role)  # Lambda checks that the function may read the queue
    reason = f"A trigger of a queue has no destination. {dead_letters}"
    nag.waive(trigger, "Serverless-LambdaEventSourceMappingDestination", reason)
