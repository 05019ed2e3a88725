"""An asset of the library: the live version that flows send, and an upload that is expected or was rejected."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final, Literal

from chatflow.media.reference import MediaReference

UPLOAD_SECONDS: Final = 900  # for which an upload form is valid
CHECK_SECONDS: Final = 900  # for which an upload is shown after its form has expired, if no file arrives
REJECTED_SECONDS: Final = 7 * 86_400  # for which a rejected upload is shown
DELETED_SECONDS: Final = 30 * 86_400  # for which the versions of a deleted asset are retained

State = Literal["uploading", "ready", "rejected"]


@dataclass(frozen=True)
class Version:
    """One content under one file name.

    `published_at`, `arrived_at`: seconds since the epoch, the latter of the upload of its bytes; 0 where that is not
    known (a version that a deploy published).
    """

    name: str
    version: int
    file: MediaReference
    master: str  # deploy, api
    by: str
    published_at: int
    arrived_at: int = 0


@dataclass(frozen=True)
class Upload:
    """A file that is expected, or was rejected. Times are in seconds since the epoch.

    `id` is "" for a file that a person put into the bucket; `expires_at` 0 means that it is shown until it is deleted.
    """

    name: str
    id: str
    state: Literal["uploading", "rejected"]
    key: str
    filename: str
    mime: str
    size: int  # bytes, as announced
    by: str
    at: int
    expires_at: int
    reason: str = ""

    def is_expired(self, now: float) -> bool:
        """Whether the file never arrived, or its rejection was shown for long enough."""
        return 0 < self.expires_at <= now


@dataclass(frozen=True)
class Asset:
    """Has a live version, an upload, or both."""

    name: str
    live: Version | None
    upload: Upload | None

    @property
    def state(self) -> State:
        """`ready` as soon as flows can send it, even while a replacement is uploaded or was rejected."""
        if self.live is not None:
            return "ready"
        return "rejected" if self.upload is not None and self.upload.state == "rejected" else "uploading"

    @property
    def revision(self) -> int:
        """The number of the live version, 0 without one: the revision for optimistic concurrency."""
        return self.live.version if self.live else 0

    def without_expired_upload(self, now: float) -> Asset | None:
        """The asset as it is shown; None when nothing is left. `now` is in seconds since the epoch."""
        upload = None if self.upload is None or self.upload.is_expired(now) else self.upload
        return Asset(self.name, self.live, upload) if self.live or upload else None

    def matches(self, search: str) -> bool:
        """Whether its name or one of its file names contains the text, ignoring case."""
        wanted = search.casefold()
        names = [
            self.name,
            *([self.live.file.filename] if self.live else []),
            *([self.upload.filename] if self.upload else []),
        ]
        return any(wanted in each.casefold() for each in names)


def version_hash(file: MediaReference) -> str:
    """Differs between versions: covers the content and everything that customers see."""
    return hashlib.sha256(json.dumps(file.to_json(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()
