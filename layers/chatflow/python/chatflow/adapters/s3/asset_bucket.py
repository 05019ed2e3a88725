"""The asset library's bucket: what arrived is read from it once, as a stream; what was checked is kept by content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from chatflow.adapters.aws import client
from chatflow.adapters.exact_length_stream import BLOCK
from chatflow.adapters.s3.errors import s3_faults
from chatflow.errors import NotPublished, Unavailable
from chatflow.media import object_keys

_SECONDS: Final = 60  # that S3 may be silent
_WEBP: Final = "image/webp"


@dataclass(frozen=True)
class Arrived:
    """An object as it is now. `at`: when it came, in seconds since the epoch; `etag` tells it from what comes later."""

    size: int  # bytes
    at: int
    etag: str
    _body: Any

    def save(self, into: IO[bytes]) -> str:
        """Write it to a file, block by block; its SHA-256. Raises Unavailable when it does not come whole."""
        taken, hashed = 0, hashlib.sha256()
        with s3_faults():
            while block := self._body.read(BLOCK):
                hashed.update(block)
                into.write(block)
                taken += len(block)
        if taken != self.size:
            raise Unavailable(f"an object of {self.size} bytes ended after {taken}")
        into.flush()
        return hashed.hexdigest()


class LibraryBucket:
    """Raises Unavailable when S3 cannot be reached, Refused when it says no."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @contextmanager
    def opened(self, key: str) -> Iterator[Arrived]:
        """What lies at the key, with none of it read yet. Raises NotPublished when nothing is there (any more)."""
        with s3_faults(missing=True):
            found = client("s3", read_timeout=_SECONDS).get_object(Bucket=self._bucket, Key=key)
        body = found["Body"]
        try:
            yield Arrived(int(found["ContentLength"]), int(found["LastModified"].timestamp()), found["ETag"], body)
        finally:
            body.close()

    def is_still(self, key: str, etag: str) -> bool:
        """Whether the object at the key is the one that was opened."""
        return self._tag_of_content(key) == etag

    def keep(self, sha256: str, file: Path, mime: str) -> str:
        """Put checked bytes where flows read them, tagged clean; the key. Twice is once."""
        key = object_keys.content(sha256)
        with file.open("rb") as content, s3_faults():
            client("s3", read_timeout=_SECONDS).put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=mime, Tagging="state=clean"
            )
        return key

    def keep_thumbnail(self, sha256: str, image: bytes) -> None:
        with s3_faults():
            client("s3").put_object(
                Bucket=self._bucket,
                Key=object_keys.thumbnail(sha256),
                Body=image,
                ContentType=_WEBP,
                Tagging="state=clean",
            )

    def is_kept(self, sha256: str) -> bool:
        return self._tag_of_content(object_keys.content(sha256)) is not None

    def has_thumbnail(self, sha256: str) -> bool:
        return self._tag_of_content(object_keys.thumbnail(sha256)) is not None

    def remove(self, key: str, etag: str = "") -> None:
        """Take it away; with `etag` only if it is still that one. An older content can be brought back for a while."""
        s3 = client("s3")
        with s3_faults():
            try:
                s3.delete_object(Bucket=self._bucket, Key=key, **({"IfMatch": etag} if etag else {}))
            except s3.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 412):
                    raise

    def form(self, key: str, mime: str, largest: int, seconds: int) -> tuple[str, dict[str, str]]:
        """Where and with which fields a browser may upload one file of 1 to `largest` bytes to this key."""
        fixed = {"Content-Type": mime}
        made = client("s3").generate_presigned_post(
            Bucket=self._bucket,
            Key=key,
            Fields=dict(fixed),
            Conditions=[fixed, ["content-length-range", 1, largest]],
            ExpiresIn=seconds,
        )
        return str(made["url"]), {name: str(value) for name, value in made["fields"].items()}

    def link(self, key: str, seconds: int, *, filename: str = "") -> str:
        """An address from which anyone can read the object for a while; a browser saves it under the file name."""
        said = {"ResponseContentDisposition": _attachment(filename)} if filename else {}
        given = {"Bucket": self._bucket, "Key": key, **said}
        return str(client("s3").generate_presigned_url("get_object", Params=given, ExpiresIn=seconds))

    def _tag_of_content(self, key: str) -> str | None:
        try:
            with s3_faults(missing=True):
                return str(client("s3").head_object(Bucket=self._bucket, Key=key)["ETag"])
        except NotPublished:
            return None


def _attachment(filename: str) -> str:
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
