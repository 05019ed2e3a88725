"""Empties a bucket: deletes every object, and every version of it."""

from __future__ import annotations

from collections.abc import Callable

from chatflow.adapters.aws import client


def empty_bucket(bucket: str, in_time: Callable[[], bool]) -> bool:
    """Whether the bucket is empty; False when the time ran out first. Called again, it continues where it stopped.

    A bucket that does not exist counts as empty. `in_time` says whether there is time for one more batch.
    """
    s3 = client("s3")
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
            if not objects:
                continue
            if not in_time() or s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get(
                "Errors"
            ):
                return False
    except s3.exceptions.NoSuchBucket:
        pass
    return True
