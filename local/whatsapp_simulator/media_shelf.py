"""The files of both sides, on disk, and the short-lived signed addresses under which Meta hands them out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CUSTOMER = "customer"
DOWNLOAD_PATH = "/whatsapp_business/attachments/"

# Meta keeps what a customer sent 7 days and what a business uploaded 30.
DAYS_KEPT = {True: 7, False: 30}


@dataclass(frozen=True)
class Media:
    """One stored file; `owner` is the phone number id that uploaded it, or CUSTOMER."""

    id: str
    path: Path
    mime: str
    filename: str
    size: int  # bytes
    sha256: bytes
    owner: str
    stored_at: float

    @property
    def hex(self) -> str:
        """The form of the hash in a media lookup."""
        return self.sha256.hex()

    @property
    def base64(self) -> str:
        """The form of the hash in a webhook."""
        return base64.b64encode(self.sha256).decode()


class Writer:
    """A file on its way to the shelf, hashed as it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._file: BinaryIO = path.open("wb")

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def close(self) -> bytes:
        """Finish the file; returns its SHA-256."""
        self._file.close()
        return self._hash.digest()

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class MediaShelf:
    """All media by id."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clock = clock
        self._media: dict[str, Media] = {}
        self._key = secrets.token_bytes(32)

    def writer(self) -> Writer:
        return Writer(self._folder / secrets.token_hex(12))

    def keep(self, writer: Writer, mime: str, filename: str, owner: str) -> Media:
        """Put a finished file on the shelf under a new id."""
        digest = writer.close()
        media_id = str(10**14 + secrets.randbelow(9 * 10**14))
        media = Media(media_id, writer.path, mime, filename, writer.size, digest, owner, self._clock())
        self._media[media_id] = media
        return media

    def find(self, media_id: str) -> Media | None:
        """The media of this id, while Meta would still have it."""
        media = self._media.get(media_id)
        if media and self._clock() - media.stored_at > DAYS_KEPT[media.owner == CUSTOMER] * 86400:
            return None
        return media

    def remove(self, media_id: str) -> None:
        media = self._media.pop(media_id, None)
        if media:
            media.path.unlink(missing_ok=True)

    def address(self, media: Media, base: str, seconds: float) -> str:
        """An address of the media that is valid for so many seconds."""
        expires = str(int(self._clock() + seconds))
        return f"{base}{DOWNLOAD_PATH}?mid={media.id}&ext={expires}&hash={self._seal(media.id, expires)}"

    def opened(self, media_id: str, expires: str, seal: str) -> Media | None:
        """The media behind an address that is genuine and has not expired."""
        if not hmac.compare_digest(self._seal(media_id, expires), seal) or self._clock() > int(expires or 0):
            return None
        return self.find(media_id)

    def _seal(self, media_id: str, expires: str) -> str:
        digest = hmac.new(self._key, f"{media_id}.{expires}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
