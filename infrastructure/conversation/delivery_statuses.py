"""The function behind the queue of delivery statuses: it stores them, and turns failures into events."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from chatflow.settings import DeliveryStatusesSettings
from infrastructure import timeouts
from infrastructure.data.queue_trigger import add_queue_trigger
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction

_BATCH_SIZE = 10  # messages; the webhook packs about a hundred statuses into one
# A flood of statuses may wait: it must not take the concurrency that the account has for conversations.
_CONCURRENCY = 2  # the least that Lambda takes
_MEMORY = 512  # MB, and with it the share of a processor that ten updates at the same time need


class DeliveryStatuses(Construct):
    """The function may update the table of deliveries and send to the queue of events; nothing else."""

    def __init__(
        self, scope: Construct, name: str, *, defaults: FunctionDefaults, storage: Storage, queues: Queues
    ) -> None:
        super().__init__(scope, name)
        dead_letters = "Its queue invokes it, and moves a message that failed five times to a dead-letter queue."
        self.function = LambdaFunction(
            self,
            "DeliveryStatuses",
            defaults=defaults,
            folder="delivery_statuses",
            description="Stores delivery statuses, and queues an event for a message that was not delivered.",
            environment=DeliveryStatusesSettings(
                deliveries_table=storage.deliveries.table_name, events_queue_url=queues.events.queue_url
            ).to_environment(),
            timeout=timeouts.STATUSES,
            tracing=lambda_.Tracing.DISABLED,
            logs_each_run=False,
            memory=_MEMORY,
            no_dead_letter_queue=dead_letters,
        )
        self.function.allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queues.statuses.queue_arn]
        )
        self.function.allow(["sqs:SendMessage"], [queues.events.queue_arn])
        self.function.allow(["dynamodb:UpdateItem"], [storage.deliveries.table_arn])
        add_queue_trigger(
            self,
            self.function,
            queues.statuses,
            batch_size=_BATCH_SIZE,
            concurrency=_CONCURRENCY,
            dead_letters=dead_letters,
        )
