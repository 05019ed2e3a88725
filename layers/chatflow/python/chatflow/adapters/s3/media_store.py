"""Files in S3, streamed: written and hashed in one pass, read as a stream or by ranges, never held whole in memory.

`object_keys` says which keys lie in the asset bucket and which in the media bucket. An object is tagged `state=new`
when it is written, and `state=clean` once it was checked; other functions may read only clean objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from chatflow.adapters.aws import client
from chatflow.adapters.s3.errors import s3_errors
from chatflow.errors import ChatflowError, TooLarge
from chatflow.media import object_keys
from chatflow.media.ranges import Read
from chatflow.media.retention import TAG, retention_step
from chatflow.nodes.ports import Readable
from chatflow.streams import BLOCK, ExactLengthStream, HashingStream, StreamedFile, blocks

if TYPE_CHECKING:
    from chatflow.adapters.aws.connections import Body

PART = 5 * 1024 * 1024  # bytes of one part of a multipart upload; the smallest that S3 accepts
_PUT_TIMEOUT: Final = 20.0  # seconds


class MediaStore:
    """The media bucket and the asset bucket. Raises OwnTrouble when S3 cannot be reached, Refused when it refuses."""

    def __init__(self, media_bucket: str, asset_bucket: str, retention_days: int = 0) -> None:
        """`retention_days` applies to what is written; 0 means the deployment's own limit, without a tag."""
        self._media_bucket = media_bucket
        self._asset_bucket = asset_bucket
        self._retention_tag = {TAG: str(retention_step(retention_days))} if retention_days else {}

    def write(self, key: str, stream: Readable, length: int | None, mime: str, limit: int) -> StreamedFile:
        """Store a stream of `length` bytes (None: unknown), tagged `state=new`.

        Raises TooLarge for more than `limit` bytes, Unavailable when the stream ends before `length`. Errors of the
        source pass through. After any error nothing is left in the bucket.
        """
        if length is not None and length > limit:
            raise TooLarge(f"a file of {length} bytes where at most {limit} are accepted")
        hashing = HashingStream(stream if length is None else ExactLengthStream(stream, length), limit, length)
        try:
            if length is None:
                _put_in_parts(self._bucket(key), key, hashing, mime, self._tagging)
            else:
                self._put(key, hashing, length, mime)
        except BaseException:
            if hashing.ended:  # S3 may have received all of it
                with suppress(ChatflowError):
                    self.delete(key)
            raise
        return hashing.result()

    def mark_clean(self, key: str) -> None:
        """Let other functions read the object."""
        tags = [{"Key": name, "Value": value} for name, value in {"state": "clean", **self._retention_tag}.items()]
        with s3_errors():
            client("s3").put_object_tagging(Bucket=self._bucket(key), Key=key, Tagging={"TagSet": tags})

    @contextmanager
    def open(self, key: str) -> Iterator[ExactLengthStream]:
        """The file as a stream whose `len` is what is left. Raises NotPublished when the object does not exist."""
        with s3_errors(missing=True):
            response = client("s3").get_object(Bucket=self._bucket(key), Key=key)
        with closing(response["Body"]) as body:
            yield ExactLengthStream(_Body(body), response["ContentLength"])

    def reader(self, key: str, known: tuple[tuple[int, bytes], ...] = ()) -> Read:
        """Reads ranges of the file. Pieces in `known`, by offset, are not fetched again."""

        def read(offset: int, length: int) -> bytes:
            for start, piece in known:
                if start <= offset and offset + length <= start + len(piece):
                    return piece[offset - start : offset - start + length]
            return self._range(key, offset, length)

        return read

    def delete(self, key: str) -> None:
        with s3_errors():
            client("s3").delete_object(Bucket=self._bucket(key), Key=key)

    def _put(self, key: str, body: HashingStream, length: int, mime: str) -> None:
        with s3_errors():
            client("s3", read_timeout=_PUT_TIMEOUT, attempts=1).put_object(
                Bucket=self._bucket(key),
                Key=key,
                Body=blocks(body),
                ContentLength=length,
                ContentType=mime,
                Tagging=self._tagging,
            )

    def _range(self, key: str, offset: int, length: int) -> bytes:
        wanted = f"bytes={offset}-{offset + length - 1}"
        with s3_errors(missing=True):
            s3 = client("s3")
            try:
                response = s3.get_object(Bucket=self._bucket(key), Key=key, Range=wanted)
            except s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":  # the range begins behind the end
                    return b""
                raise
            with closing(response["Body"]) as body:
                return bytes(body.read())

    @property
    def _tagging(self) -> str:
        """The tags as S3 takes them in a header: encoded like a query string."""
        return urlencode({"state": "new", **self._retention_tag})

    def _bucket(self, key: str) -> str:
        return self._asset_bucket if object_keys.is_asset(key) else self._media_bucket


class _Body:
    """The body of an answer of S3, raising Chatflow's errors."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def read(self, amount: int = -1, /) -> bytes:
        with s3_errors():
            return self._body.read(amount if amount >= 0 else None)

    def read_into(self, buffer: memoryview, /) -> int:
        with s3_errors():
            return self._body.read_into(buffer)


def _put_in_parts(bucket: str, key: str, body: HashingStream, mime: str, tagging: str) -> None:
    """Upload a stream of unknown length in parts of 5 MiB, or at once if it is shorter than one part.

    An upload that fails is aborted.
    """
    target = {"Bucket": bucket, "Key": key}
    properties = {"ContentType": mime, "Tagging": tagging}
    s3 = client("s3")
    buffer = bytearray(PART)  # reused for every part
    part = _fill(buffer, body)
    with s3_errors():
        if len(part) < PART:
            s3.put_object(**target, **properties, Body=part)
            return
        upload = s3.create_multipart_upload(**target, **properties)["UploadId"]
        parts: list[dict[str, Any]] = []
        try:
            while part:
                number = len(parts) + 1
                response = s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=part)
                parts.append({"PartNumber": number, "ETag": response["ETag"]})
                part = _fill(buffer, body)
            s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
        except BaseException:
            with suppress(ChatflowError), s3_errors():  # a lifecycle rule of the bucket removes what stays behind
                s3.abort_multipart_upload(**target, UploadId=upload)
            raise


def _fill(buffer: bytearray, body: HashingStream) -> bytearray:
    """The buffer, filled from the stream; a shorter copy, possibly empty, once the stream has ended."""
    filled = 0
    while filled < len(buffer) and (got := body.read_into(memoryview(buffer)[filled : filled + BLOCK])):
        filled += got
    return buffer if filled == len(buffer) else buffer[:filled]
