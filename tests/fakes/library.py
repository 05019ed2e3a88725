"""The asset library on moto: its table with the index `listed`, and its bucket with versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asset_processing.process_upload import Dependencies, UploadResult, process_created, process_deleted
from asset_processing.thumbnails.create import Thumbnail
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.dynamodb.assets import AssetStore
from chatflow.adapters.s3.asset_bucket import AssetBucket
from chatflow.assets.asset import Asset, Upload
from chatflow.media.object_keys import upload as upload_key
from chatflow.media.profiles import Format
from tests.fakes.aws_account import an_account, create_table

TABLE, BUCKET = "assets", "library"
NOW = 1_795_370_400


@dataclass
class FakeLibrary:
    """The library, and the function that processes its uploads; thumbnails are not drawn."""

    store: AssetStore
    bucket: AssetBucket
    warnings: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    @property
    def dependencies(self) -> Dependencies:
        return Dependencies(self.store, self.bucket, self._draw, lambda: NOW, self.warnings.append)

    def put(self, key: str, body: bytes) -> None:
        """Upload an object, without its event."""
        botocore_client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    def arrive(self, key: str) -> UploadResult:
        """Process the event of an uploaded object."""
        return process_created(key, self.dependencies)

    def leave(self, key: str) -> None:
        """Delete an object, and process its event."""
        botocore_client("s3").delete_object(Bucket=BUCKET, Key=key)
        process_deleted(key, self.dependencies)

    def expect(self, name: str, id: str = "1" * 32, filename: str = "", mime: str = "", expires: int = 0) -> str:
        """Expect an upload, and return its key."""
        key = upload_key(id, name)
        until = expires or NOW + 1800
        there = self.store.find(name)
        upload = Upload(name, id, "uploading", key, filename or name, mime, 1, "ada", NOW, until)
        assert self.store.expect(upload, instead_of=there.upload.id if there and there.upload else "")
        return key

    def asset(self, name: str) -> Asset:
        found = self.store.find(name)
        assert found is not None, f"there is no asset {name}"
        return found

    @property
    def keys(self) -> list[str]:
        return [each["Key"] for each in botocore_client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def body(self, key: str) -> bytes:
        return bytes(botocore_client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def _draw(self, file: Path, found: Format) -> Thumbnail:
        self.drawn.append(found.name)
        assert file.stat().st_size > 0
        return Thumbnail(b"a picture")


@contextmanager
def library_on_moto(monkeypatch: Any) -> Iterator[FakeLibrary]:
    with an_account(monkeypatch, "us-east-1"):
        create_table(TABLE, "name", "item", listed=("listed", "name"))
        s3 = botocore_client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield FakeLibrary(AssetStore(TABLE), AssetBucket(BUCKET))
