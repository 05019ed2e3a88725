"""The Lambda that EventBridge invokes when an object was created in, or deleted from, the asset bucket."""

from __future__ import annotations

import time
from typing import Any

from asset_processing.process_upload import Dependencies, process_created, process_deleted
from asset_processing.thumbnails.create import create_thumbnail
from chatflow.adapters.dynamodb.assets import AssetStore
from chatflow.adapters.s3.asset_bucket import AssetBucket
from chatflow.channels import manifest
from chatflow.logs import logger
from chatflow.settings import AssetProcessingSettings


def lambda_handler(event: dict[str, Any], _context: Any) -> None:
    """Process one S3 event. After an error Lambda retries twice, then sends the event to the dead-letter queue."""
    key = str(event["detail"]["object"]["key"])
    process = process_deleted if event["detail-type"] == "Object Deleted" else process_created
    outcome = process(key, _dependencies())
    logger.info("library", extra={"event": event["detail-type"], "key": key, "outcome": outcome})


def _dependencies() -> Dependencies:
    settings = AssetProcessingSettings.from_environment()
    return Dependencies(
        store=AssetStore(settings.assets_table),
        bucket=AssetBucket(settings.asset_bucket),
        create_thumbnail=create_thumbnail,
        clock=time.time,
        warn=logger.warning,
        channels={manifest.load(name).title: manifest.part(name, "profile").PROFILE for name in manifest.names()},
    )
