"""The queue of events: FIFO, with one message group for each conversation; and the queue of delayed events."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from chatflow.adapters.aws import client
from chatflow.conversation.event_bodies import event_body
from chatflow.conversation.events import Event
from chatflow.errors import Unavailable

BATCH = 10  # SQS's limit of entries in one call


def send(queue_url: str, events: Sequence[Event]) -> None:
    """Queue events in their order. Raises Unavailable when SQS refused any; the caller must send all of them again.

    Events that were accepted before a refusal stay queued. A repeated one is dropped by the queue within five minutes,
    and later by the turn record.
    """
    for start in range(0, len(events), BATCH):
        entries = [
            {
                "Id": str(index),
                "MessageBody": event_body(event),
                "MessageGroupId": event["conversation"],
                "MessageDeduplicationId": deduplication_id(event),
            }
            for index, event in enumerate(events[start : start + BATCH])
        ]
        answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        if refused := answer.get("Failed"):
            codes = sorted({entry.get("Code", "") for entry in refused})
            raise Unavailable(f"the queue refused {len(refused)} of {len(entries)} events: {', '.join(codes)}")


def send_duplicate(queue_url: str, event: Event) -> None:
    """Queue an event that may have been queued before. Its new deduplication id keeps the queue from dropping it.

    For events that do no harm when they come twice.
    """
    client("sqs").send_message(
        QueueUrl=queue_url,
        MessageBody=event_body(event),
        MessageGroupId=event["conversation"],
        MessageDeduplicationId=secrets.token_hex(16),
    )


def send_body(queue_url: str, body: str, group: str) -> None:
    """Queue a body as it is, which is no event of ours."""
    client("sqs").send_message(
        QueueUrl=queue_url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=secrets.token_hex(16)
    )


def send_delayed(queue_url: str, event: Event, seconds: int) -> None:
    """Queue an event in a standard queue, which delivers it after `seconds` (0 to 900)."""
    client("sqs").send_message(QueueUrl=queue_url, MessageBody=event_body(event), DelaySeconds=seconds)


def deduplication_id(event: Event) -> str:
    """The SQS deduplication id: equal for the same event of the same conversation, whatever else its body holds."""
    return hashlib.sha256(f"{event['conversation']}\x00{event['id']}".encode()).hexdigest()


def shorten_visibility(queue_url: str, receipt_handle: str, received: int, receives: int) -> None:
    """Redeliver a failed message after 4, 16, 64, then 256 seconds, instead of after the whole visibility timeout.

    These four pauses together outlast the usual few minutes of an outage. After the last of `receives` the message
    comes again at once, to be set aside: its conversation continues. `received` counts the receives, or runs, so far.
    """
    seconds = 0 if received >= receives else min(4**received, 256)
    client("sqs").change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)
