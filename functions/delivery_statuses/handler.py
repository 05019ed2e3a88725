"""The Lambda function `delivery_statuses`: stores what channels report about our messages, and reports failures."""

from __future__ import annotations

from functools import cache
from typing import Any

from chatflow import metrics
from chatflow.adapters import sqs
from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb import deliveries
from chatflow.logs import logger
from chatflow.settings import DeliveryStatusesSettings
from delivery_statuses.process import Dependencies, process


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Process a batch of queue messages. The ids in the answer are those that SQS must deliver again."""
    processed = process({record["messageId"]: record["body"] for record in event["Records"]}, _dependencies())
    metrics.count({"Statuses": processed.statuses}, service="delivery_statuses")
    for reason, count in processed.undelivered.items():
        metrics.count({"Undelivered": count}, reason=reason)
    logger.info("statuses", extra={"statuses": processed.statuses, "undelivered": dict(processed.undelivered)})
    if processed.failed:
        logger.warning("statuses not stored", extra={"reasons": sorted(set(processed.failed.values()))})
    return {"batchItemFailures": [{"itemIdentifier": id} for id in processed.failed]}


@cache
def _dependencies() -> Dependencies:
    settings = DeliveryStatusesSettings.from_environment()
    client("dynamodb")  # made before the threads start: `client` would make one for each
    return Dependencies(
        queue=lambda events: sqs.send(settings.events_queue_url, events),
        store=lambda status: deliveries.record(settings.deliveries_table, status.delivery, status.conversation),
    )
