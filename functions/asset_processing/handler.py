"""The Lambda that EventBridge calls when something was put into the library's bucket, or taken out of it."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools import Logger

from asset_processing.process_upload import World, created, deleted
from asset_processing.thumbnails.making import thumbnail
from chatflow.adapters.dynamodb.assets import Library
from chatflow.adapters.s3.asset_bucket import LibraryBucket
from chatflow.settings import AssetProcessingSettings

logger = Logger(service="chatflow", use_rfc3339=True)


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Deal with one event of S3. What it raises, Lambda tries twice more, and sets aside then."""
    key = str(event["detail"]["object"]["key"])
    deal = deleted if event["detail-type"] == "Object Deleted" else created
    outcome = deal(key, _world())
    logger.info("library", extra={"event": event["detail-type"], "key": key, "outcome": outcome})


def _world() -> World:
    settings = AssetProcessingSettings.from_environment()
    return World(
        library=Library(settings.assets_table),
        bucket=LibraryBucket(settings.asset_bucket),
        thumbnail=thumbnail,
        clock=time.time,
        warn=logger.warning,
    )
