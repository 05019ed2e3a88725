"""Media files of both sides on disk, and the short-lived signed addresses under which Meta serves them."""

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

# Meta stores media of a customer for 7 days and uploads of a business for 30 days.
CUSTOMER_MEDIA_DAYS = 7
BUSINESS_MEDIA_DAYS = 30


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
    def sha256_hex(self) -> str:
        """The form of the hash in a media lookup."""
        return self.sha256.hex()

    @property
    def sha256_base64(self) -> str:
        """The form of the hash in a webhook."""
        return base64.b64encode(self.sha256).decode()


class MediaWriter:
    """Writes one file to disk and hashes it meanwhile."""

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


class MediaStore:
    """All media by id."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clock = clock
        self._media: dict[str, Media] = {}
        self._signing_key = secrets.token_bytes(32)

    def writer(self) -> MediaWriter:
        return MediaWriter(self._folder / secrets.token_hex(12))

    def add(self, writer: MediaWriter, mime: str, filename: str, owner: str) -> Media:
        """Store a completely written file under a new id."""
        digest = writer.close()
        media_id = str(10**14 + secrets.randbelow(9 * 10**14))
        media = Media(media_id, writer.path, mime, filename, writer.size, digest, owner, self._clock())
        self._media[media_id] = media
        return media

    def find(self, media_id: str) -> Media | None:
        """The media of this id; None when it is unknown or older than Meta's retention."""
        media = self._media.get(media_id)
        if media is None:
            return None
        days = CUSTOMER_MEDIA_DAYS if media.owner == CUSTOMER else BUSINESS_MEDIA_DAYS
        return None if self._clock() - media.stored_at > days * 86400 else media

    def remove(self, media_id: str) -> None:
        media = self._media.pop(media_id, None)
        if media:
            media.path.unlink(missing_ok=True)

    def signed_url(self, media: Media, base_url: str, seconds: float) -> str:
        """An address of the media that is valid for this many seconds."""
        expires = str(int(self._clock() + seconds))
        return f"{base_url}{DOWNLOAD_PATH}?mid={media.id}&ext={expires}&hash={self._signature(media.id, expires)}"

    def find_signed(self, media_id: str, expires: str, signature: str) -> Media | None:
        """The media behind a signed address; None when the signature is wrong or the address has expired."""
        if not hmac.compare_digest(self._signature(media_id, expires), signature):
            return None
        if self._clock() > int(expires or 0):
            return None
        return self.find(media_id)

    def _signature(self, media_id: str, expires: str) -> str:
        digest = hmac.new(self._signing_key, f"{media_id}.{expires}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
