"""The queue of delivery statuses: standard, since their order does not matter; of their own, since they come in floods.

A broadcast to a thousand contacts causes three thousand statuses, which must not stand before a customer's message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatflow.adapters.aws import client
from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable
from chatflow.adapters.sqs import BATCH
from chatflow.conversation.statuses import Status, pack
from chatflow.errors import Unavailable

# A webhook must be answered soon, also when this queue is in trouble: two attempts of at most 2 s each.
_TIMEOUT: Final = 2.0
_ATTEMPTS: Final = 2


def send(queue_url: str, statuses: Iterable[Status]) -> None:
    """Queue statuses, several in one message. Raises Unavailable when SQS did not accept all of them.

    What was accepted before stays queued, and is harmless when it comes again.
    """
    bodies = pack(statuses)
    sqs = client("sqs", read_timeout=_TIMEOUT, attempts=_ATTEMPTS)
    for start in range(0, len(bodies), BATCH):
        entries = [
            {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies[start : start + BATCH])
        ]
        try:
            answer = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
        except (AwsRefused, AwsUnreachable) as error:
            raise Unavailable(f"the queue of statuses could not be reached: {type(error).__name__}") from None
        if refused := answer.get("Failed"):
            raise Unavailable(f"the queue of statuses refused {len(refused)} of {len(entries)} messages")
