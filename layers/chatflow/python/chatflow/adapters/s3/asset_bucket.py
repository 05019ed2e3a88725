"""The asset library's bucket: reads uploaded objects once, as a stream, and stores checked files by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.s3.errors import s3_errors
from chatflow.errors import NotPublished, Unavailable
from chatflow.media import object_keys
from chatflow.streams import BLOCK

_READ_TIMEOUT: Final = 60  # seconds
_WEBP: Final = "image/webp"


@dataclass(frozen=True)
class OpenObject:
    """An object that was opened for reading, as it is now.

    `modified_at`: when it was uploaded, in seconds since the epoch. `etag` differs for anything uploaded later.
    """

    size: int  # bytes
    modified_at: int
    etag: str
    _body: Any

    def save(self, into: IO[bytes]) -> str:
        """Write the object to a file, block by block, and return its SHA-256. Raises Unavailable when it is cut off."""
        received, sha256 = 0, hashlib.sha256()
        with s3_errors():
            while block := self._body.read(BLOCK):
                sha256.update(block)
                into.write(block)
                received += len(block)
        if received != self.size:
            raise Unavailable(f"an object of {self.size} bytes ended after {received}")
        into.flush()
        return sha256.hexdigest()


class AssetBucket:
    """Raises Unavailable when S3 cannot be reached, Refused when it refuses."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @contextmanager
    def open(self, key: str) -> Iterator[OpenObject]:
        """The object at the key, with none of it read yet. Raises NotPublished when there is none."""
        with s3_errors(missing=True):
            response = botocore_client("s3", read_timeout=_READ_TIMEOUT).get_object(Bucket=self._bucket, Key=key)
        body = response["Body"]
        try:
            modified_at = int(response["LastModified"].timestamp())
            yield OpenObject(int(response["ContentLength"]), modified_at, response["ETag"], body)
        finally:
            body.close()

    def is_unchanged(self, key: str, etag: str) -> bool:
        """Whether the object at the key still has this ETag."""
        return self._etag(key) == etag

    def store(self, sha256: str, file: Path, mime: str) -> str:
        """Store checked bytes where flows read them, tagged clean, and return the key. Idempotent."""
        key = object_keys.asset(sha256)
        with file.open("rb") as content, s3_errors():
            botocore_client("s3", read_timeout=_READ_TIMEOUT).put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=mime, Tagging="state=clean"
            )
        return key

    def store_thumbnail(self, sha256: str, image: bytes) -> None:
        with s3_errors():
            botocore_client("s3").put_object(
                Bucket=self._bucket,
                Key=object_keys.thumbnail(sha256),
                Body=image,
                ContentType=_WEBP,
                Tagging="state=clean",
            )

    def is_stored(self, sha256: str) -> bool:
        return self._etag(object_keys.asset(sha256)) is not None

    def has_thumbnail(self, sha256: str) -> bool:
        return self._etag(object_keys.thumbnail(sha256)) is not None

    def delete(self, key: str, etag: str = "") -> None:
        """Delete the object; with `etag`, only if it is still that one. The bucket keeps old versions for a while."""
        s3 = botocore_client("s3")
        with s3_errors():
            try:
                s3.delete_object(Bucket=self._bucket, Key=key, **({"IfMatch": etag} if etag else {}))
            except s3.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 412):
                    raise

    def upload_form(self, key: str, mime: str, max_bytes: int, seconds: int) -> tuple[str, dict[str, str]]:
        """URL and fields of a form with which a browser may upload one file of 1 to `max_bytes` bytes to this key."""
        fixed = {"Content-Type": mime}
        form = botocore_client("s3").generate_presigned_post(
            Bucket=self._bucket,
            Key=key,
            Fields=dict(fixed),
            Conditions=[fixed, ["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
        return str(form["url"]), {name: str(value) for name, value in form["fields"].items()}

    def download_link(self, key: str, seconds: int, *, filename: str = "") -> str:
        """A signed URL that reads the object for `seconds`. With `filename`, a browser saves it under that name."""
        disposition = {"ResponseContentDisposition": _attachment(filename)} if filename else {}
        params = {"Bucket": self._bucket, "Key": key, **disposition}
        return str(botocore_client("s3").generate_presigned_url("get_object", Params=params, ExpiresIn=seconds))

    def _etag(self, key: str) -> str | None:
        try:
            with s3_errors(missing=True):
                return str(botocore_client("s3").head_object(Bucket=self._bucket, Key=key)["ETag"])
        except NotPublished:
            return None


def _attachment(filename: str) -> str:
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
