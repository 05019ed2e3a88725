"""A file on its way to a customer: uploaded to the channel as a stream, an asset only once in a while.

Table `uploads`: key `content` = channel/account/sha256/mime. It remembers under which media id a channel holds an
asset, so that one that goes to thousands is uploaded once. A customer's own file is sent once, and is not remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chatflow.adapters.aws import client
from chatflow.adapters.channel_retry import with_retries
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import ChannelRefused
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Readable

LONGEST_SECONDS = 29 * 86_400  # that a media id is remembered, whatever a channel promises
_Result = TypeVar("_Result")


class Uploads(Protocol):
    """The part of a channel's client that is needed here."""

    def upload(self, stream: Readable, size: int, mime: str, filename: str, deadline: int) -> str: ...


@dataclass(frozen=True)
class Delivery:
    """Files to the customers of one account, within one visit.

    `id_seconds` is how long the channel keeps an upload, `deadline` in milliseconds since the epoch.
    """

    channel: Uploads
    account: str  # "<channel>/<account>"
    store: MediaStore
    table: str
    id_seconds: int
    deadline: int
    pause: Callable[[float], None] = time.sleep

    def give(self, media: MediaReference, send: Callable[[str], _Result]) -> _Result:
        """Have `send` send the file under its media id; once more under a new one if a remembered one is refused.

        Channels forget uploads before their time and say so in many ways, so any refusal of a remembered id counts: a
        refusal means that nothing was sent. Raises ChannelRefused, ChannelUnavailable, NotPublished.
        """
        remembered = self._remembered(media)
        if not remembered:
            return send(self._uploaded(media))
        try:
            return send(remembered)
        except ChannelRefused:
            return send(self._uploaded(media))

    def _uploaded(self, media: MediaReference) -> str:
        def upload() -> str:
            with self.store.open(media.key) as stream:
                return self.channel.upload(stream, stream.len, media.mime, media.filename, self.deadline)

        media_id = with_retries(upload, self.deadline, pause=self.pause)
        self._remember(media, media_id)
        return media_id

    def _remembered(self, media: MediaReference) -> str:
        """The media id of an asset that the channel still holds, else ""."""
        if not _is_asset(media):
            return ""
        item = client("dynamodb").get_item(TableName=self.table, Key=self._key(media)).get("Item")
        fresh = item and int(item["expires_at"]["N"]) > time.time()  # TTL deletes with days of delay
        return str(item["media_id"]["S"]) if fresh else ""

    def _remember(self, media: MediaReference, media_id: str) -> None:
        if _is_asset(media):
            expires = int(time.time()) + min(self.id_seconds, LONGEST_SECONDS)
            item = {**self._key(media), "media_id": {"S": media_id}, "expires_at": {"N": str(expires)}}
            client("dynamodb").put_item(TableName=self.table, Item=item)

    def _key(self, media: MediaReference) -> dict[str, dict[str, str]]:
        return {"content": {"S": f"{self.account}/{media.sha256}/{media.mime}"}}


def _is_asset(media: MediaReference) -> bool:
    return media.key.startswith("asset/")
