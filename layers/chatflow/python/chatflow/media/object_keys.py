"""Where things lie in the library's bucket: what a key says about its object."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTENT = re.compile(r"asset/([0-9a-f]{64})")
_UPLOAD = re.compile(r"upload/([0-9a-f]{32})/([^/]+)")
_THUMBNAIL = re.compile(r"thumbnail/([0-9a-f]{64})\.webp")


@dataclass(frozen=True)
class Upload:
    """A file that someone was allowed to upload under this id, for the asset of this name."""

    id: str
    name: str


@dataclass(frozen=True)
class Content:
    """A file of the library, named by its content."""

    sha256: str  # lower-case hex


@dataclass(frozen=True)
class Dropped:
    """A file that a person put into the bucket, under a name of their own."""

    filename: str


Place = Upload | Content | Dropped


def read(key: str) -> Place | None:
    """What lies there; None for thumbnails and for folders, which are of no interest."""
    if found := _UPLOAD.fullmatch(key):
        return Upload(found[1], found[2])
    if found := _CONTENT.fullmatch(key):
        return Content(found[1])
    if _THUMBNAIL.fullmatch(key) or key.endswith("/"):
        return None
    return Dropped(key.rpartition("/")[2])


def upload(id: str, name: str) -> str:
    """The key to upload to; `id` is a new one each time."""
    return f"upload/{id}/{name}"


def content(sha256: str) -> str:
    return f"asset/{sha256}"


def thumbnail(sha256: str) -> str:
    return f"thumbnail/{sha256}.webp"
