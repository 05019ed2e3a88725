"""Media files of both sides on disk."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CUSTOMER = "customer"


@dataclass(frozen=True)
class Media:
    """One stored file; `owner` is the account that uploaded it, or CUSTOMER."""

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
        return self.sha256.hex()


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

    def writer(self) -> MediaWriter:
        return MediaWriter(self._folder / secrets.token_hex(12))

    def add(self, writer: MediaWriter, mime: str, filename: str, owner: str) -> Media:
        """Store a completely written file under a new id."""
        digest = writer.close()
        media_id = self._new_id()
        media = Media(media_id, writer.path, mime, filename, writer.size, digest, owner, self._clock())
        self._media[media_id] = media
        return media

    def find(self, media_id: str) -> Media | None:
        """The media of this id; None when it is unknown."""
        return self._media.get(media_id)

    def _new_id(self) -> str:
        return str(10**14 + secrets.randbelow(9 * 10**14))

    def remove(self, media_id: str) -> None:
        media = self._media.pop(media_id, None)
        if media:
            media.path.unlink(missing_ok=True)
