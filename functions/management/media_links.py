"""Links to files for people: signed, for five minutes, and only to what the signer's own role may read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote

from chatflow.adapters.aws import client
from chatflow.media import object_keys

LINK_SECONDS = 300


class MediaLinks:
    """Files of conversations and of the library. An object that is not tagged clean answers 403 to its link."""

    def __init__(self, media_bucket: str, asset_bucket: str) -> None:
        self._media_bucket = media_bucket
        self._asset_bucket = asset_bucket

    def link(self, key: str, filename: str, mime: str) -> str:
        """A link that downloads the file under its name: what a customer sent is never shown as part of a page."""
        given = {
            "Bucket": self._asset_bucket if object_keys.is_asset(key) else self._media_bucket,
            "Key": key,
            "ResponseContentType": mime,
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
        }
        return self._signed(given)

    def thumbnail(self, sha256: str) -> str:
        """A link to the small picture of a content of the library; "" where there is none."""
        s3 = client("s3")
        given = {"Bucket": self._asset_bucket, "Key": object_keys.thumbnail(sha256)}
        with suppress(s3.exceptions.ClientError):
            s3.head_object(**given)
            return self._signed(given)
        return ""

    def _signed(self, given: dict[str, Any]) -> str:
        return str(client("s3").generate_presigned_url("get_object", Params=given, ExpiresIn=LINK_SECONDS))
