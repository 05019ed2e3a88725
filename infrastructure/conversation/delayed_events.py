"""The function behind the queue of delayed events: it forwards each to the queue of events when its time has come.

A timer whose deadline has moved on is set again, and one that is of no use any more is dropped (decision record 0039).

Decision record 0020 says why this is a function and no EventBridge Pipe.
"""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.adapters.dynamodb.awaited import ATTRIBUTES
from chatflow.settings import DelayedEventsSettings
from infrastructure import timeouts
from infrastructure.conversation.schedules import Schedules, allow_timers
from infrastructure.data.queue_trigger import add_queue_trigger
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction

_BATCH_SIZE = 10
_CONCURRENCY = 5  # 50 events at the same time
# No variable, message or address of a session: those are in attributes that the role cannot read. The key's attributes
# must be named, too; `Select` refuses a read that names no attributes, and so asks for all of them
# (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_dynamodb_attributes.html).
_AWAITED_ONLY = {
    "ForAllValues:StringEquals": {"dynamodb:Attributes": sorted({*ATTRIBUTES, "item"})},
    "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
}


class DelayedEvents(Construct):
    """The function may read one queue and what sessions wait for, queue events, and set timers; nothing else."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        queues: Queues,
        schedules: Schedules,
        storage: Storage,
    ) -> None:
        super().__init__(scope, name)
        dead_letters = "Its queue invokes it, and moves an event that failed five times to a dead-letter queue."
        self.function = LambdaFunction(
            self,
            "DelayedEvents",
            defaults=defaults,
            folder="delayed_events",
            description="Forwards delayed events to their conversations' queue.",
            environment=DelayedEventsSettings(
                sessions_table=storage.sessions.table_name,
                events_queue_url=queues.events.queue_url,
                events_queue_arn=queues.events.queue_arn,
                delayed_events_queue_url=queues.delayed_events.queue_url,
                delayed_events_queue_arn=queues.delayed_events.queue_arn,
                schedule_group=schedules.group_name,
                schedule_role_arn=schedules.role.role_arn,
                schedule_dead_letters_arn=queues.schedule_dead_letters.queue_arn,
            ).to_environment(),
            timeout=timeouts.FORWARD,
            tracing=lambda_.Tracing.DISABLED,
            no_dead_letter_queue=dead_letters,
        )
        resource = self.function.resource.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101  guaranteed by the CDK
        # A flow that asks again at each timeout is a chain of events through both queues. After about 16 of them,
        # Lambda would take it for a runaway loop and drop the next one. The flow's own `attempts` bound it.
        resource.recursive_loop = "Allow"
        self.function.allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queues.delayed_events.queue_arn]
        )
        self.function.allow(["sqs:SendMessage"], [queues.events.queue_arn])
        self.function.allow(["dynamodb:BatchGetItem"], [storage.sessions.table_arn], _AWAITED_ONLY)
        allow_timers(self.function, queues=queues, schedules=schedules)
        add_queue_trigger(
            self,
            self.function,
            queues.delayed_events,
            batch_size=_BATCH_SIZE,
            concurrency=_CONCURRENCY,
            dead_letters=dead_letters,
        )
