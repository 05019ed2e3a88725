"""The asset library on AWS as moto plays it: its table with the index of heads, and its bucket with versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.arriving import Outcome, World, created, deleted
from assets.thumbnails.making import Thumbnail
from chatflow.adapters import aws
from chatflow.adapters.library import Library
from chatflow.adapters.library_bucket import LibraryBucket
from chatflow.library.assets import Asset, Upload
from chatflow.library.places import upload as upload_key
from chatflow.media.profiles import Format
from tests.fakes.aws_account import an_account, create_table

TABLE, BUCKET = "assets", "library"
NOW = 1_795_370_400


@dataclass
class FakeLibrary:
    """The library, and the room that looks after it; its thumbnails are drawn by no one."""

    library: Library
    bucket: LibraryBucket
    warnings: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        return World(self.library, self.bucket, self._draw, lambda: NOW, self.warnings.append)

    def put(self, key: str, body: bytes) -> None:
        """As a person, a browser or a deploy does; nobody is told of it yet."""
        aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    def arrive(self, key: str) -> Outcome:
        """The event of it."""
        return created(key, self.world)

    def leave(self, key: str) -> None:
        """A person deletes it, and the event of that comes."""
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
        deleted(key, self.world)

    def expect(self, name: str, id: str = "1" * 32, filename: str = "", mime: str = "", expires: int = 0) -> str:
        """An upload is allowed; the key to put it at."""
        key = upload_key(id, name)
        until = expires or NOW + 1800
        there = self.library.find(name)
        upload = Upload(name, id, "uploading", key, filename or name, mime, 1, "ada", NOW, until)
        assert self.library.expect(upload, instead_of=there.upload.id if there and there.upload else "")
        return key

    def asset(self, name: str) -> Asset:
        found = self.library.find(name)
        assert found is not None, f"there is no asset {name}"
        return found

    @property
    def keys(self) -> list[str]:
        return [each["Key"] for each in aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def body(self, key: str) -> bytes:
        return bytes(aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def _draw(self, file: Path, found: Format) -> Thumbnail:
        self.drawn.append(found.name)
        assert file.stat().st_size > 0
        return Thumbnail(b"a picture")


@contextmanager
def library_on_moto(monkeypatch: Any) -> Iterator[FakeLibrary]:
    with an_account(monkeypatch, "us-east-1"):
        create_table(TABLE, "name", "item", listed=("listed", "name"))
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield FakeLibrary(Library(TABLE), LibraryBucket(BUCKET))
