"""Files in S3: written once as a stream and hashed on the way, read as a stream or by ranges. Never whole in memory.

Keys that begin with "asset/" lie in the asset bucket, all others in the media bucket. An object is tagged `state=new`
when it is written and `state=clean` once it is known to be what it should be; only then may other functions read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chatflow.adapters.aws import client
from chatflow.adapters.exact_length_stream import BLOCK, Measured
from chatflow.adapters.hashing_stream import Passing, Stored
from chatflow.adapters.s3.errors import refusal, s3_faults
from chatflow.adapters.s3.multipart_upload import put_in_parts
from chatflow.errors import ChatflowError, TooLarge
from chatflow.media.ranges import Read
from chatflow.media.retention import TAG, step
from chatflow.nodes.ports import Readable

if TYPE_CHECKING:
    from urllib3 import PoolManager

_URL_SECONDS = 300
_CODE = re.compile(rb"<Code>(\w+)</Code>")


class MediaStore:
    """The media bucket and the asset bucket. Raises Unavailable when S3 cannot be reached, Refused when it says no."""

    def __init__(self, media_bucket: str, asset_bucket: str, retention_days: int = 0) -> None:
        """`retention_days`: of what is written; 0 for as long as the deployment keeps anything."""
        self._media_bucket = media_bucket
        self._asset_bucket = asset_bucket
        self._kept = {TAG: str(step(retention_days))} if retention_days else {}

    def write(self, key: str, stream: Readable, length: int | None, mime: str, limit: int) -> Stored:
        """Keep a stream of `length` bytes, None when that is not known, tagged `state=new`.

        Raises TooLarge for more than `limit` bytes, Unavailable when the stream ends before `length`. A source's own
        errors pass through. Whatever it raises, nothing is left behind.
        """
        if length is not None and length > limit:
            raise TooLarge(f"a file of {length} bytes where at most {limit} are kept")
        passing = Passing(stream if length is None else Measured(stream, length), limit)
        try:
            if length is None:
                put_in_parts(self._bucket(key), key, passing, mime, self._tagging)
            else:
                self._put(key, passing, length, mime)
        except BaseException:
            if passing.ended:  # it may have arrived whole
                with suppress(ChatflowError):
                    self.delete(key)
            raise
        return passing.stored()

    def mark_clean(self, key: str) -> None:
        """Let other functions read it."""
        tags = [{"Key": name, "Value": value} for name, value in {"state": "clean", **self._kept}.items()]
        with s3_faults():
            client("s3").put_object_tagging(Bucket=self._bucket(key), Key=key, Tagging={"TagSet": tags})

    @contextmanager
    def open(self, key: str) -> Iterator[Measured]:
        """The file as a stream whose `len` is what is left. Raises NotPublished when it is not, or no longer, there."""
        with s3_faults(missing=True):
            found = client("s3").get_object(Bucket=self._bucket(key), Key=key)
        body = found["Body"]
        try:
            yield Measured(_Body(body), int(found["ContentLength"]))
        finally:
            body.close()

    def reader(self, key: str, known: tuple[tuple[int, bytes], ...] = ()) -> Read:
        """Reads ranges of the file; `known` pieces of it are not fetched again."""

        def read(offset: int, length: int) -> bytes:
            for start, piece in known:
                if start <= offset and offset + length <= start + len(piece):
                    return piece[offset - start : offset - start + length]
            return self._range(key, offset, length)

        return read

    def delete(self, key: str) -> None:
        with s3_faults():
            client("s3").delete_object(Bucket=self._bucket(key), Key=key)

    def _put(self, key: str, body: Passing, length: int, mime: str) -> None:
        """By a signed URL, since boto3 sends a stream only over https, and in small blocks."""
        given = {"Bucket": self._bucket(key), "Key": key, "ContentType": mime, "Tagging": self._tagging}
        url = client("s3").generate_presigned_url("put_object", Params=given, ExpiresIn=_URL_SECONDS)
        headers = {"Content-Length": str(length), "Content-Type": mime, "x-amz-tagging": self._tagging}
        with s3_faults():
            answer = _pool().request(
                "PUT",
                url,
                body=body,  # type: ignore[arg-type]  # urllib3 needs no more of it than read()
                headers=headers,
                retries=False,
                redirect=False,
            )
            if answer.status >= 300:
                code = _CODE.search(answer.data)
                raise refusal(answer.status, code[1].decode() if code else "")

    def _range(self, key: str, offset: int, length: int) -> bytes:
        wanted = f"bytes={offset}-{offset + length - 1}"
        with s3_faults(missing=True):
            s3 = client("s3")
            try:
                found = s3.get_object(Bucket=self._bucket(key), Key=key, Range=wanted)
            except s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":  # it begins behind the end
                    return b""
                raise
            return bytes(found["Body"].read())

    @property
    def _tagging(self) -> str:
        """As S3 takes tags in a header: like the query of an address."""
        return urlencode({"state": "new", **self._kept})

    def _bucket(self, key: str) -> str:
        return self._asset_bucket if key.startswith("asset/") else self._media_bucket


class _Body:
    """What boto3 gives to read, with our errors."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, amount: int = -1, /) -> bytes:
        with s3_faults():
            return bytes(self._body.read(amount if amount >= 0 else None))


@cache
def _pool() -> PoolManager:
    from urllib3 import PoolManager, Timeout

    return PoolManager(blocksize=BLOCK, timeout=Timeout(connect=3.0, read=20.0))
