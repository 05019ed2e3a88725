"""Erasing all about one contact: a function of its own, since it may delete what no other function may."""

from __future__ import annotations

from constructs import Construct

from chatflow.settings import ErasureSettings
from contact_erasure.files import PREFIXES
from contact_erasure.rows import BY_CONVERSATION
from infrastructure import timeouts as deadlines
from infrastructure.conversation.schedules import Schedules
from infrastructure.data.queues import Queues
from infrastructure.data.storage import Storage
from infrastructure.lambda_function import House, Room
from infrastructure.security import nag as waivers


class Erasure(Construct):
    """Called by the conversation function alone, in the conversation's own order."""

    def __init__(
        self, scope: Construct, name: str, *, house: House, storage: Storage, queues: Queues, schedules: Schedules
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
        self.room = Room(
            self,
            "Forgetting",
            house=house,
            room="contact_erasure",
            function_name="erasure",
            about="Erases all that is kept of one contact, and tells how much it was.",
            environment=settings.to_environment(),
            timeout=deadlines.ERASURE,
        )
        self._grant(storage, queues, schedules)
        waivers.for_erasure(self.room, storage, schedules.schedules_arn)

    def _grant(self, storage: Storage, queues: Queues, schedules: Schedules) -> None:
        self.room.allow(
            ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:BatchWriteItem"],
            [storage.sessions.table_arn],
        )
        found = [storage.effects.table_arn, storage.deliveries.table_arn]
        self.room.allow(["dynamodb:Query"], [f"{table}/index/{BY_CONVERSATION}" for table in found])
        self.room.allow(["dynamodb:BatchWriteItem"], found)
        media = storage.media_bucket
        folders = {"StringLike": {"s3:prefix": [f"{prefix}/c_*" for prefix in PREFIXES]}}
        self.room.allow(["s3:ListBucketVersions"], [media.bucket_arn], folders)
        files = [media.arn_for_objects(f"{prefix}/*") for prefix in PREFIXES]
        self.room.allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], files)
        dead = [queue.queue_arn for queue in (queues.events_dead_letters, queues.schedule_dead_letters)]
        self.room.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"], dead)
        self.room.allow(["scheduler:DeleteSchedule"], [schedules.schedules_arn])
