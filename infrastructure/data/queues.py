"""The queues of events, of delayed events and of delivery statuses, and the dead-letter queues."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure import timeouts
from infrastructure.configuration import Configuration
from infrastructure.security import nag
from infrastructure.security.encryption_key import DATA_KEY_REUSE, encryption_key

# Receives of one event before SQS moves it to the dead-letter queue. The worker does so itself after five runs that
# failed (functions/conversation/set_aside.py). This bound is for receives without a run: a function that is throttled,
# or a service that throttles its turns. With pauses of up to 256 s, such an outage may last for about seven hours.
MAX_RECEIVE_COUNT: Final = 100
ATTEMPTS: Final = 5  # at one message of the other queues
_DEAD_LETTER_RETENTION: Final = Duration.days(14)  # the maximum of SQS


class Queues(Construct):
    """FIFO in high-throughput mode: one message group for each conversation, and no group waits for another."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration) -> None:
        super().__init__(scope, name)
        self._removal = configuration.removal
        self.events_dead_letters = self._dead_letter_queue("EventsDeadLetters", fifo=True)
        # A standard queue: EventBridge Scheduler takes no FIFO queue for what it could not deliver. Delayed events that
        # could not be forwarded are the same kind of letter.
        self.schedule_dead_letters = self._dead_letter_queue("ScheduleDeadLetters", source="EventBridge Scheduler")
        # For the events of all buckets: of assets, and of customers' files that are scanned.
        self.library_dead_letters = self._dead_letter_queue("LibraryDeadLetters", source="EventBridge and Lambda")
        self.events = sqs.Queue(
            self,
            "Events",
            fifo=True,
            content_based_deduplication=True,  # EventBridge Scheduler gives no deduplication id
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            **_encryption(self),
            enforce_ssl=True,
            visibility_timeout=timeouts.VISIBILITY,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.events_dead_letters, max_receive_count=MAX_RECEIVE_COUNT),
            removal_policy=self._removal,
        )

        # Timers of up to 15 minutes. A standard queue, because a FIFO queue takes no delay for a single message.
        self.delayed_events = sqs.Queue(
            self,
            "DelayedEvents",
            **_encryption(self),
            enforce_ssl=True,
            visibility_timeout=timeouts.FORWARD_VISIBILITY,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.schedule_dead_letters, max_receive_count=ATTEMPTS),
            removal_policy=self._removal,
        )

        # What channels report about our messages comes in floods, and must not stand before what customers write.
        self.statuses_dead_letters = self._dead_letter_queue("StatusesDeadLetters")
        self.statuses = sqs.Queue(
            self,
            "Statuses",
            **_encryption(self),
            enforce_ssl=True,
            visibility_timeout=timeouts.STATUSES_VISIBILITY,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.statuses_dead_letters, max_receive_count=ATTEMPTS),
            removal_policy=self._removal,
        )

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        return {
            "events": self.events_dead_letters,
            "schedules": self.schedule_dead_letters,
            "library": self.library_dead_letters,
            "statuses": self.statuses_dead_letters,
        }

    def _dead_letter_queue(self, name: str, *, fifo: bool = False, source: str = "") -> sqs.Queue:
        """`source`: the services that send to the queue, where that is not another queue."""
        queue = sqs.Queue(
            self,
            name,
            fifo=fifo or None,  # CloudFormation takes `FifoQueue: true` or nothing
            **_encryption(self),
            enforce_ssl=True,
            retention_period=_DEAD_LETTER_RETENTION,
            removal_policy=self._removal,
        )
        nag.waive(queue, "Serverless-SQSRedrivePolicy", "It is a dead-letter queue itself; an alarm watches it.")
        if source:
            reason = f"A dead-letter queue of {source}, which cdk-nag does not know as one; an alarm watches it."
            nag.waive(queue, "AwsSolutions-SQS3", reason)
        return queue


def _encryption(scope: Construct) -> dict[str, Any]:
    key = encryption_key(scope)
    if key is None:
        return {"encryption": sqs.QueueEncryption.SQS_MANAGED}
    return {"encryption": sqs.QueueEncryption.KMS, "encryption_master_key": key, "data_key_reuse": DATA_KEY_REUSE}
