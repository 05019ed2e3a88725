"""Empties a bucket: ends what still writes to it, then deletes every object and every version of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final

from chatflow.adapters.aws.botocore_clients import botocore_client

_SID: Final = "NothingIsWrittenAnyMore"


def end_writes(buckets: Sequence[str]) -> None:
    """Switch off the buckets' access logs and deny all further writes, so that they stay empty.

    S3 delivers access logs hours late, also to a bucket that was just emptied, and those of the emptying itself.
    CloudFormation cannot delete a bucket with objects. A bucket that does not exist is left out.
    """
    s3 = botocore_client("s3")
    for bucket in buckets:
        try:
            s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
            s3.put_bucket_policy(Bucket=bucket, Policy=_without_writes(bucket))
        except s3.exceptions.NoSuchBucket:
            continue


def _without_writes(bucket: str) -> str:
    """The bucket's policy, with a statement that denies everybody to write objects."""
    s3 = botocore_client("s3")
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        policy = {"Version": "2012-10-17", "Statement": []}
    denial = {
        "Sid": _SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    others = [statement for statement in policy["Statement"] if statement.get("Sid") != _SID]
    return json.dumps({**policy, "Statement": [*others, denial]})


def empty_bucket(bucket: str, in_time: Callable[[], bool]) -> bool:
    """Whether the bucket is empty; False when the time ran out first. Called again, it continues where it stopped.

    A bucket that does not exist counts as empty. `in_time` says whether there is time for one more batch.
    """
    s3 = botocore_client("s3")
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
