"""The Lambda function `delayed_events`: forwards events whose time has come to their conversations' queue.

A FIFO queue takes no delay for a single message, so events wait in a standard queue. It may deliver one twice or out of
order. Both are harmless: an event's id makes the second one a duplicate, and an event names the wait that it is for.
"""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools import Logger

from chatflow.adapters import sqs
from chatflow.settings import DelayedEventsSettings

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Forward a batch of delayed events. The ids in the answer are those that SQS must deliver again."""
    queue_url = DelayedEventsSettings.from_environment().events_queue_url
    failed = []
    for record in event["Records"]:
        try:
            sqs.send(queue_url, [json.loads(record["body"])])
        except Exception as error:  # one event must not hold up the others
            logger.warning("delayed event not forwarded", extra={"reason": type(error).__name__})
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
