"""S3 as the local stack has it: a real server that checks signed URLs, which moto does not.

What it does not do as AWS does: tags given when an upload in parts begins are dropped.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.s3.media_store import MediaStore


@contextmanager
def running_s3(folder: Path) -> Iterator[str]:
    """Runs within the block; yields the endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": "s3,dynamodb,sts",
        "LOG_LEVEL": "ERROR",
        "TMPDIR": str(folder),
    }
    endpoint = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env={**os.environ, **settings}, cwd=folder, stdout=log, stderr=log
        )
        try:
            _until_ready(endpoint, server)
            yield endpoint
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(10)


def _until_ready(endpoint: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{endpoint}/health", timeout=5):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the S3 server did not start")


@dataclass(frozen=True)
class Bucket:
    """A media bucket and an asset bucket, as the store sees them and as a test does."""

    media: str
    assets: str

    @classmethod
    def made(cls) -> Bucket:
        names = [f"{kind}-{uuid.uuid4().hex}" for kind in ("media", "assets")]
        for name in names:
            where = {"LocationConstraint": "eu-west-1"}
            botocore_client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
        return cls(*names)

    @property
    def store(self) -> MediaStore:
        return MediaStore(self.media, self.assets)

    @property
    def keys(self) -> list[str]:
        """All objects, and all multipart uploads that were begun and not finished."""
        s3 = botocore_client("s3")
        kept = s3.list_objects_v2(Bucket=self.media).get("Contents", [])
        begun = s3.list_multipart_uploads(Bucket=self.media).get("Uploads", [])
        return [each["Key"] for each in [*kept, *begun]]

    def put(self, key: str, body: bytes) -> None:
        botocore_client("s3").put_object(
            Bucket=self.assets if key.startswith("asset/") else self.media, Key=key, Body=body
        )

    def body(self, key: str) -> bytes:
        return bytes(botocore_client("s3").get_object(Bucket=self.media, Key=key)["Body"].read())

    def mime(self, key: str) -> str:
        return str(botocore_client("s3").head_object(Bucket=self.media, Key=key)["ContentType"])

    def state(self, key: str) -> str:
        """The value of the tag `state`."""
        tags = botocore_client("s3").get_object_tagging(Bucket=self.media, Key=key)["TagSet"]
        return "".join(each["Value"] for each in tags if each["Key"] == "state")
