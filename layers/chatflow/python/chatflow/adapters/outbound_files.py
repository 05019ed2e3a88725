"""A stored file on its way to a customer. A channel gets an asset once, and is then told its own id of it."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import cached_property

from chatflow.adapters.dynamodb.uploads import UploadStore
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.media import object_keys
from chatflow.media.reference import MediaReference
from chatflow.nodes.ports import Readable


@dataclass(frozen=True)
class StoredFile:
    """Implements `chatflow.messages.OutgoingFile`. The channel's ids of a customer's own file are not remembered."""

    media: MediaReference
    caption: str
    account: str  # "<channel>/<account>"
    store: MediaStore
    uploads: UploadStore

    @property
    def kind(self) -> str:
        return self.media.kind

    @property
    def mime(self) -> str:
        return self.media.mime

    @property
    def size(self) -> int:
        return self.media.size

    @property
    def filename(self) -> str:
        return self.media.filename

    @cached_property
    def stored_id(self) -> str:
        return self.uploads.find(self.account, self.media) if object_keys.is_asset(self.media.key) else ""

    def open(self) -> AbstractContextManager[Readable]:
        return self.store.open(self.media.key)

    def remember(self, id: str, seconds: int) -> None:
        """Without the id the next sending uploads the file; an error here would have this one repeated instead."""
        if object_keys.is_asset(self.media.key):
            with suppress(Exception):
                self.uploads.save(self.account, self.media, id, seconds)
