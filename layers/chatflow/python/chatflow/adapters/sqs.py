"""The queue of events: FIFO, one message group a conversation."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence

from chatflow.adapters.aws import client
from chatflow.conversation.events import Event
from chatflow.errors import Unavailable

BATCH = 10  # entries that SQS takes in one call
# SQS refuses a whole message for one of these two; in JSON they can be written otherwise.
_NO_CHARACTERS = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def send(queue_url: str, events: Sequence[Event]) -> None:
    """Queue events in their order. Raises Unavailable when SQS refused any: whoever asked must ask again.

    What was accepted before a refusal stays queued; sent again within five minutes it is dropped by the queue, later by
    the turn record.
    """
    for start in range(0, len(events), BATCH):
        entries = [
            {
                "Id": str(index),
                "MessageBody": _body(event),
                "MessageGroupId": event["conversation"],
                "MessageDeduplicationId": deduplication_id(event),
            }
            for index, event in enumerate(events[start : start + BATCH])
        ]
        answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        if refused := answer.get("Failed"):
            codes = sorted({entry.get("Code", "") for entry in refused})
            raise Unavailable(f"the queue refused {len(refused)} of {len(entries)} events: {', '.join(codes)}")


def send_again(queue_url: str, event: Event) -> None:
    """Queue an event that was queued before: the queue drops one with the id of another of the last five minutes."""
    client("sqs").send_message(
        QueueUrl=queue_url,
        MessageBody=_body(event),
        MessageGroupId=event["conversation"],
        MessageDeduplicationId=secrets.token_hex(16),
    )


def _body(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).translate(_NO_CHARACTERS)


def deduplication_id(event: Event) -> str:
    """Equal for the same event of the same conversation, whatever else its body says."""
    return hashlib.sha256(f"{event['conversation']}\x00{event['id']}".encode()).hexdigest()


def hasten(queue_url: str, receipt_handle: str, received: int, receives: int) -> None:
    """Have a failed message come again after 4 seconds, then 16, 64, 256, instead of the whole visibility timeout.

    Four pauses come before a message is set aside: together they outlast the usual few minutes of an outage. After the
    last of its `receives` nothing is left to wait for: it is set aside at once, and its conversation goes on.
    """
    seconds = 0 if received >= receives else min(4**received, 256)
    client("sqs").change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)
