"""Deletes the files of one conversation: every object, and every version of it should the bucket keep versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.s3.errors import s3_errors
from chatflow.errors import Unavailable
from chatflow.media import object_keys


@dataclass(frozen=True)
class Files:
    """The eraser of the media bucket."""

    bucket: str

    def erase(self, conversation: str, in_time: Callable[[], bool]) -> dict[str, int]:
        removed = sum(self._erase(prefix, in_time) for prefix in object_keys.prefixes_of(conversation))
        return {"files": removed}

    def _erase(self, prefix: str, in_time: Callable[[], bool]) -> int:
        """Raises Unavailable when S3 did not delete a file; the caller must try again."""
        s3 = botocore_client("s3")
        removed = 0
        with s3_errors():
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix):
                found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
                if not objects:
                    continue
                answer = s3.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})
                if answer.get("Errors"):
                    raise Unavailable("S3 did not delete all files; ask again")
                removed += len(objects)
                if not in_time():
                    break
        return removed
