"""Uploads a file to the channel as a stream and has it sent. An asset is uploaded once, then sent by its media id."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chatflow.adapters.channel_retry import with_retries
from chatflow.adapters.dynamodb.uploads import UploadStore
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import ChannelRefused
from chatflow.media import object_keys
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Readable

_Result = TypeVar("_Result")


class ChannelClient(Protocol):
    """The part of a channel's client that is needed here."""

    def upload(self, stream: Readable, size: int, mime: str, filename: str, deadline: int) -> str: ...


@dataclass(frozen=True)
class FileSender:
    """Sends files to the customers of one account, within one visit.

    `id_seconds` is how long the channel keeps an upload, `deadline` in milliseconds since the epoch.
    """

    channel: ChannelClient
    account: str  # "<channel>/<account>"
    store: MediaStore
    uploads: UploadStore
    id_seconds: int
    deadline: int
    pause: Callable[[float], None] = time.sleep

    def send(self, media: MediaReference, send: Callable[[str], _Result]) -> _Result:
        """Have `send` send the file by its media id; once more by a new id when the channel refuses a remembered one.

        Channels forget uploads early and report that in many ways, so any refusal of a remembered id counts: a refusal
        means that nothing was sent. Raises ChannelRefused, ChannelUnavailable, NotPublished.
        """
        media_id = self.uploads.find(self.account, media) if object_keys.is_asset(media.key) else ""
        if not media_id:
            return send(self._upload(media))
        try:
            return send(media_id)
        except ChannelRefused:
            return send(self._upload(media))

    def _upload(self, media: MediaReference) -> str:
        def upload() -> str:
            with self.store.open(media.key) as stream:
                return self.channel.upload(stream, stream.len, media.mime, media.filename, self.deadline)

        media_id = with_retries(upload, self.deadline, pause=self.pause)
        if object_keys.is_asset(media.key):  # a customer's own file is sent once, and not remembered
            self.uploads.save(self.account, media, media_id, self.id_seconds)
        return media_id
