"""The function that erases all data about one contact: it may delete what no other function may."""

from __future__ import annotations

from constructs import Construct

from chatflow.settings import ErasureSettings
from contact_erasure.rows import BY_CONVERSATION
from infrastructure import timeouts
from infrastructure.conversation.schedules import Schedules
from infrastructure.data.object_access import API_DOWNLOADS, CUSTOMER_FILES
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
    ) -> None:
        super().__init__(scope, name)
        settings = ErasureSettings(
            sessions_table=storage.sessions.table_name,
            effects_table=storage.effects.table_name,
            deliveries_table=storage.deliveries.table_name,
            media_bucket=storage.media_bucket.bucket_name,
            events_dead_letters_url=queues.events_dead_letters.queue_url,
            schedule_dead_letters_url=queues.schedule_dead_letters.queue_url,
            schedule_group=schedules.group_name,
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

    def _grant_permissions(self, storage: Storage, queues: Queues, schedules: Schedules) -> None:
        self.function.allow(
            ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:BatchWriteItem"],
            [storage.sessions.table_arn],
        )
        tables = [storage.effects.table_arn, storage.deliveries.table_arn]
        self.function.allow(["dynamodb:Query"], [f"{table}/index/{BY_CONVERSATION}" for table in tables])
        self.function.allow(["dynamodb:BatchWriteItem"], tables)
        # Every key of a conversation begins with `c_`.
        folders = {"StringLike": {"s3:prefix": [f"{prefix}c_*" for prefix in (CUSTOMER_FILES, API_DOWNLOADS)]}}
        self.function.allow(["s3:ListBucketVersions"], [storage.media_bucket.bucket_arn], folders)
        files = [storage.customer_files, storage.api_downloads]
        self.function.allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], files)
        dead_letters = [queue.queue_arn for queue in (queues.events_dead_letters, queues.schedule_dead_letters)]
        self.function.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"], dead_letters)
        self.function.allow(["scheduler:DeleteSchedule"], [schedules.schedules_arn])
