"""A function that events call: it is tried again, and what stays undone is set aside. Nobody waits for its answer."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.lambda_function import Room

_TRIES_AGAIN: Final = 2
_OLDEST: Final = Duration.hours(6)


def called_by_events(scope: Construct, room: Room, set_aside: sqs.Queue) -> targets.LambdaFunction:
    """The room's function as the target of rules. EventBridge tries to hand over, and Lambda tries to run."""
    # By hand, since the CDK's own destination may do more with the queue, and with a key of one's own, than send.
    lambda_.CfnEventInvokeConfig(
        scope,
        "Tries",
        function_name=room.function.function_name,
        qualifier="$LATEST",
        maximum_retry_attempts=_TRIES_AGAIN,
        maximum_event_age_in_seconds=_OLDEST.to_seconds(),
        destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=set_aside.queue_arn)
        ),
    ).node.add_dependency(room.role)  # Lambda asks whether the role may send there
    room.allow(["sqs:SendMessage"], [set_aside.queue_arn])
    return targets.LambdaFunction(
        room.function, dead_letter_queue=set_aside, retry_attempts=_TRIES_AGAIN, max_event_age=_OLDEST
    )
