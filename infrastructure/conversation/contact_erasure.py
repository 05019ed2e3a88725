"""The function that erases all data about one contact: it may delete what no other function may."""

from __future__ import annotations

from constructs import Construct

from chatflow.adapters.dynamodb.row_deletion import BY_CONVERSATION
from chatflow.media.object_keys import CONVERSATION_PREFIXES, any_conversation
from chatflow.settings import ContactErasureSettings
from infrastructure import timeouts
from infrastructure.api.push_api import PushApi
from infrastructure.conversation.schedules import Schedules
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction


class ContactErasure(Construct):
    """Invoked by the conversation function alone, so that it runs in the order of the conversation's events."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        storage: Storage,
        queues: Queues,
        schedules: Schedules,
        push: PushApi | None,
    ) -> None:
        super().__init__(scope, name)
        settings = ContactErasureSettings(
            sessions_table=storage.sessions.table_name,
            effects_table=storage.effects.table_name,
            deliveries_table=storage.deliveries.table_name,
            media_bucket=storage.media_bucket.bucket_name,
            events_dead_letters_url=queues.events_dead_letters.queue_url,
            schedule_dead_letters_url=queues.schedule_dead_letters.queue_url,
            schedule_group=schedules.group_name,
            connections_table=push.table.table_name if push else "",
        )
        self.function = LambdaFunction(
            self,
            "Forgetting",
            defaults=defaults,
            folder="contact_erasure",
            function_name="erasure",
            description="Erases all data about one contact, and returns how much it was.",
            environment=settings.to_environment(),
            timeout=timeouts.CONTACT_ERASURE,
            no_dead_letter_queue="The conversation function waits for the answer, and sees every failure.",
        )
        self._grant_permissions(storage, queues, schedules)
        if push:
            self.function.allow(["dynamodb:Query", "dynamodb:BatchWriteItem"], [push.table.table_arn])

    def _grant_permissions(self, storage: Storage, queues: Queues, schedules: Schedules) -> None:
        self.function.allow(
            [
                "dynamodb:Query",
                "dynamodb:GetItem",
                "dynamodb:BatchGetItem",
                "dynamodb:PutItem",
                "dynamodb:BatchWriteItem",
            ],
            [storage.sessions.table_arn],
        )
        tables = [storage.effects.table_arn, storage.deliveries.table_arn]
        self.function.allow(["dynamodb:Query"], [f"{table}/index/{BY_CONVERSATION}" for table in tables])
        self.function.allow(["dynamodb:BatchWriteItem"], tables)
        folders = {"StringLike": {"s3:prefix": [any_conversation(prefix) for prefix in CONVERSATION_PREFIXES]}}
        self.function.allow(["s3:ListBucketVersions"], [storage.media_bucket.bucket_arn], folders)
        files = [storage.customer_files, storage.downloads]
        self.function.allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], files)
        dead_letters = [queue.queue_arn for queue in (queues.events_dead_letters, queues.schedule_dead_letters)]
        self.function.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"], dead_letters)
        self.function.allow(["scheduler:DeleteSchedule"], [schedules.schedules_arn])
