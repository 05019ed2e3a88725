"""Customers' files as whoever judges them sees them: opened while they are new, and tagged with the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from chatflow.adapters.aws import client
from chatflow.adapters.measured import Measured
from chatflow.adapters.media_store import MediaStore
from chatflow.adapters.s3_faults import s3_faults
from chatflow.errors import NotPublished

STATE = "state"


class JudgedFiles:
    """The media bucket. Raises NotPublished for a file that is not, or no longer, there."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def open(self, key: str) -> AbstractContextManager[Measured]:
        """The file as a stream."""
        return MediaStore(self._bucket, "").open(key)

    def mark(self, key: str, state: str) -> None:
        """Say `clean` or `unsafe` of it. S3 replaces all tags at once: what else was said of the file is said again."""
        tags = [*(tag for tag in self._tags(key) if tag["Key"] != STATE), {"Key": STATE, "Value": state}]
        with s3_faults(), _missing():
            client("s3").put_object_tagging(Bucket=self._bucket, Key=key, Tagging={"TagSet": tags})

    def state(self, key: str) -> str:
        """What was said of it, "" for nothing."""
        return next((tag["Value"] for tag in self._tags(key) if tag["Key"] == STATE), "")

    def _tags(self, key: str) -> list[dict[str, str]]:
        with s3_faults(missing=True):  # who may read all tags, and may not list, is refused only what is not there
            return list(client("s3").get_object_tagging(Bucket=self._bucket, Key=key)["TagSet"])


@contextmanager
def _missing() -> Iterator[None]:
    try:
        yield
    except client("s3").exceptions.NoSuchKey:
        raise NotPublished("a file is no longer in its bucket") from None
