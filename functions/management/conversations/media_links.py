"""Signed links to the files of a transcript: valid for five minutes, and only for what this function may read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.media import object_keys

LINK_SECONDS = 300


class MediaLinks:
    """Links to files of conversations and of the asset library. S3 answers 403 for an object not tagged as clean."""

    def __init__(self, media_bucket: str, asset_bucket: str) -> None:
        self._media_bucket = media_bucket
        self._asset_bucket = asset_bucket

    def link(self, key: str, filename: str, mime: str) -> str:
        """A link that downloads the file under its name. A browser never shows a customer's file as part of a page."""
        parameters = {
            "Bucket": self._asset_bucket if object_keys.is_asset(key) else self._media_bucket,
            "Key": key,
            "ResponseContentType": mime,
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
        }
        return self._sign(parameters)

    def thumbnail(self, sha256: str) -> str:
        """A link to the thumbnail of a file of the asset library; "" if it has none."""
        s3 = botocore_client("s3")
        parameters = {"Bucket": self._asset_bucket, "Key": object_keys.thumbnail(sha256)}
        with suppress(s3.exceptions.ClientError):
            s3.head_object(**parameters)
            return self._sign(parameters)
        return ""

    def _sign(self, parameters: dict[str, Any]) -> str:
        return str(
            botocore_client("s3").generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)
        )
