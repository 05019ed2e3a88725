"""The queue of events, and where what could not be done is kept."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.security import nag as waivers
from infrastructure.security.encryption_key import DATA_KEY_REUSE, key_of
from infrastructure.timeouts import VISIBILITY

RECEIVES = 5  # tries of one event before it is set aside
_KEPT = Duration.days(14)  # the longest that SQS keeps anything


class Queues(Construct):
    """FIFO in high-throughput mode: one message group for each conversation, and no group waits for another."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.events_dead_letters = _queue(self, "EventsDeadLetters", fifo=True)
        # A standard queue: EventBridge Scheduler takes no FIFO queue for what it could not deliver.
        self.schedule_dead_letters = _queue(self, "ScheduleDeadLetters", fifo=False)
        self.library_dead_letters = _queue(self, "LibraryDeadLetters", fifo=False)  # and of other events of S3
        waivers.for_dead_letters(self.events_dead_letters)
        waivers.for_library_dead_letters(self.library_dead_letters)
        waivers.for_schedule_dead_letters(self.schedule_dead_letters)
        self.events = sqs.Queue(
            self,
            "Events",
            fifo=True,
            content_based_deduplication=True,  # EventBridge Scheduler gives no deduplication id
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            **_encryption(self),
            enforce_ssl=True,
            visibility_timeout=VISIBILITY,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.events_dead_letters, max_receive_count=RECEIVES),
        )

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        return {
            "events": self.events_dead_letters,
            "schedules": self.schedule_dead_letters,
            "library": self.library_dead_letters,
        }


def _queue(scope: Construct, name: str, *, fifo: bool) -> sqs.Queue:
    return sqs.Queue(
        scope,
        name,
        fifo=fifo or None,  # CloudFormation takes `FifoQueue: true` or nothing
        **_encryption(scope),
        enforce_ssl=True,
        retention_period=_KEPT,
    )


def _encryption(scope: Construct) -> dict[str, Any]:
    key = key_of(scope)
    if key is None:
        return {"encryption": sqs.QueueEncryption.SQS_MANAGED}
    return {"encryption": sqs.QueueEncryption.KMS, "encryption_master_key": key, "data_key_reuse": DATA_KEY_REUSE}
