"""An asset as the library knows it: the version that flows send, and an upload that is on its way or was rejected."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final, Literal

from chatflow.media.reference import MediaReference

UPLOAD_SECONDS: Final = 900  # that a form for an upload is good for
CHECK_SECONDS: Final = 900  # more, until an upload of which nothing came is no longer shown
REJECTED_SECONDS: Final = 7 * 86_400  # that a rejected upload is shown
DELETED_SECONDS: Final = 30 * 86_400  # that the versions of a deleted asset are kept

State = Literal["uploading", "ready", "rejected"]


@dataclass(frozen=True)
class Version:
    """One content under one file name. `published_at`, `arrived_at`: seconds since the epoch, the latter of its
    bytes; 0 where that is not known (a version that a deploy made)."""

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

    `id` is "" for a file that a person put into the bucket; `expires_at` 0 means that it is shown until it is removed.
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

    def over(self, now: float) -> bool:
        """Whether nothing came of it, or it was shown for long enough."""
        return 0 < self.expires_at <= now


@dataclass(frozen=True)
class Asset:
    """At least one of the two is there."""

    name: str
    live: Version | None
    upload: Upload | None

    @property
    def state(self) -> State:
        """`ready` as soon as flows can send it, whatever becomes of a replacement."""
        if self.live is not None:
            return "ready"
        return "rejected" if self.upload is not None and self.upload.state == "rejected" else "uploading"

    @property
    def revision(self) -> int:
        """The number of the live version, 0 without one: what somebody who changes it has seen."""
        return self.live.version if self.live else 0

    def now(self, now: float) -> Asset | None:
        """Without an upload whose time is over; None when nothing is left."""
        upload = None if self.upload is None or self.upload.over(now) else self.upload
        return Asset(self.name, self.live, upload) if self.live or upload else None

    def matches(self, search: str) -> bool:
        """Whether its name or a file name holds the text, however it is written in capitals."""
        wanted = search.casefold()
        shown = [
            self.name,
            *([self.live.file.filename] if self.live else []),
            *([self.upload.filename] if self.upload else []),
        ]
        return any(wanted in each.casefold() for each in shown)


def digest(file: MediaReference) -> str:
    """Tells versions apart: by content, and by what customers see."""
    return hashlib.sha256(json.dumps(file.to_json(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()
