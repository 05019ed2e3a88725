"""Table `uploads`: under which media id a channel holds an asset, so that it is uploaded once and sent many times.

Key `content`: "<channel>/<account>/<sha256>/<mime>". Rows expire through the TTL attribute `expires_at`.
"""

from __future__ import annotations

import time

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import number, schema, text
from chatflow.media.reference import MediaReference

MAX_SECONDS = 29 * 86_400  # for which a media id is remembered, even if a channel promises longer


class UploadStore:
    """`account` is "<channel>/<account>"."""

    def __init__(self, table: str) -> None:
        self._table = table

    def find(self, account: str, media: MediaReference) -> str:
        """The media id under which the channel holds the file, "" for none."""
        item = client("dynamodb").get_item(TableName=self._table, Key=_key(account, media)).get("Item")
        fresh = item and number(item, "expires_at") > time.time()  # TTL deletes with days of delay
        return text(item, "media_id") if item and fresh else ""

    def save(self, account: str, media: MediaReference, media_id: str, seconds: int) -> None:
        """Remember an upload for as long as the channel keeps it (`seconds`), and at most 29 days."""
        expires_at = int(time.time()) + min(seconds, MAX_SECONDS)
        item = {**_key(account, media), **schema(), "media_id": {"S": media_id}, "expires_at": {"N": str(expires_at)}}
        client("dynamodb").put_item(TableName=self._table, Item=item)


def _key(account: str, media: MediaReference) -> dict[str, dict[str, str]]:
    return {"content": {"S": f"{account}/{media.sha256}/{media.mime}"}}
