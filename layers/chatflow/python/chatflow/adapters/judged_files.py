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
        where = {"Bucket": self._bucket, "Key": key}
        with s3_faults(), _missing():
            s3 = client("s3")
            known = s3.get_object_tagging(**where)["TagSet"]
            tags = [*(tag for tag in known if tag["Key"] != STATE), {"Key": STATE, "Value": state}]
            s3.put_object_tagging(**where, Tagging={"TagSet": tags})


@contextmanager
def _missing() -> Iterator[None]:
    try:
        yield
    except client("s3").exceptions.NoSuchKey:
        raise NotPublished("a file is no longer in its bucket") from None
