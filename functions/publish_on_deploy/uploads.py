"""What `cdk deploy` uploads for this function: the list of entries to publish, and the files of assets."""

from __future__ import annotations

import json
from typing import Any

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.publishing.model import Entry


def read_entries(bucket: str, key: str) -> list[Entry]:
    """The entries to publish, as synth wrote them (infrastructure/data/publish_on_deploy.py)."""
    body = botocore_client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    entries: list[dict[str, Any]] = json.load(body)
    return [Entry(**entry) for entry in entries]


def copy_to_library(entry: Entry, source_bucket: str, bucket: str) -> None:
    """Copy an asset's bytes from the bucket of the upload into the library's bucket.

    Its key there is the hash of its content, so a repeated copy changes nothing.
    """
    botocore_client("s3", read_timeout=120).copy_object(
        Bucket=bucket,
        Key=entry.document["key"],
        CopySource={"Bucket": source_bucket, "Key": entry.file},
        ContentType=entry.document["mime"],
        MetadataDirective="REPLACE",
        Tagging="state=clean",
        TaggingDirective="REPLACE",
    )
