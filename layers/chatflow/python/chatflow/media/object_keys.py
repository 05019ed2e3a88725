"""S3 object keys: the prefixes, what a key says about its object, its bucket, and the conversation that owns it.

No other module spells a prefix. Infrastructure takes the prefixes for lifecycle and event rules, and the patterns of
IAM statements (`objects_under`), from here.

| bucket | key | object |
|---|---|---|
| media | `media/<conversation>/<session>/<visit>-<hash>` | a customer's file |
| media | `download/<conversation>/<session>/<visit>-<effect>` | a file that the business's API answered with |
| assets | `asset/<sha256>` | a checked file of the asset library |
| assets | `thumbnail/<sha256>.webp` | its thumbnail |
| assets | `upload/<id>/<name>` | an upload through the API that was not checked yet |
| assets | anything else | a file that a person put into the bucket |
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

CUSTOMER_FILES: Final = "media/"
DOWNLOADS: Final = "download/"
ASSETS: Final = "asset/"
THUMBNAILS: Final = "thumbnail/"
UPLOADS: Final = "upload/"
CONVERSATION_PREFIXES: Final = (CUSTOMER_FILES, DOWNLOADS)  # in the media bucket, then a folder per conversation
ASSET_PREFIXES: Final = (ASSETS, THUMBNAILS, UPLOADS)  # what Chatflow itself writes into the asset bucket

# Compiled on first use: most functions that import this module never parse a key.
_CUSTOMER_FILE: Final = rf"{CUSTOMER_FILES}([^/]+)/([^/]+)/[^/]+"
_ASSET: Final = rf"{ASSETS}([0-9a-f]{{64}})"
_UPLOAD: Final = rf"{UPLOADS}([0-9a-f]{{32}})/([^/]+)"
_THUMBNAIL: Final = rf"{THUMBNAILS}([0-9a-f]{{64}})\.webp"


class CustomerFile(NamedTuple):
    """A file that a customer sent in this conversation and session."""

    conversation: str
    session: str


class Upload(NamedTuple):
    """A file that was uploaded under this id, for the asset of this name."""

    id: str
    name: str


class AssetFile(NamedTuple):
    """A checked file of the asset library, named by its content."""

    sha256: str  # lower-case hex


class ManualUpload(NamedTuple):
    """A file that a person put into the asset bucket, under a name of their choice."""

    filename: str


def customer_file(conversation: str, session: str, visit: int, name: str) -> str:
    """The key for a customer's file. `name` is unique within the visit."""
    return f"{CUSTOMER_FILES}{conversation}/{session}/{visit}-{name}"


def download(conversation: str, session: str, visit: int, effect: str) -> str:
    """The key for a file that an API call of this visit answers with."""
    return f"{DOWNLOADS}{conversation}/{session}/{visit}-{effect}"


def asset(sha256: str) -> str:
    """The key of a checked file. `sha256` is lower-case hex."""
    return f"{ASSETS}{sha256}"


def thumbnail(sha256: str) -> str:
    """The key of the thumbnail of the file with this SHA-256 (lower-case hex)."""
    return f"{THUMBNAILS}{sha256}.webp"


def upload(id: str, name: str) -> str:
    """The key to upload to; `id` is a new one for each upload."""
    return f"{UPLOADS}{id}/{name}"


def is_asset(key: str) -> bool:
    """Whether the key lies in the asset bucket, as a checked file of the library; else it lies in the media bucket."""
    return key.startswith(ASSETS)


def is_upload(key: str) -> bool:
    """Whether the key is one that an upload through the API goes to."""
    return key.startswith(UPLOADS)


def prefixes_of(conversation: str) -> tuple[str, ...]:
    """The prefixes of all files of one conversation."""
    return tuple(f"{prefix}{conversation}/" for prefix in CONVERSATION_PREFIXES)


def may_use(conversation: str, key: str, formerly: Iterable[str] = ()) -> bool:
    """Whether a conversation may read this object: its own files and those of the asset library, and no others.

    `formerly` are keys that the conversation had before.

    A variable may hold a made-up reference, since an API answers with any JSON; every use of a key is checked here.
    """
    own = (prefix for each in (conversation, *formerly) for prefix in prefixes_of(each))
    return key.startswith((*own, ASSETS))


def parse_customer_file(key: str) -> CustomerFile | None:
    """Whose file this is; None for any other key of the media bucket."""
    found = re.fullmatch(_CUSTOMER_FILE, key)
    return CustomerFile(found[1], found[2]) if found else None


def parse_asset_bucket(key: str) -> Upload | AssetFile | ManualUpload | None:
    """What lies at a key of the asset bucket; None for thumbnails and for folders."""
    if found := re.fullmatch(_UPLOAD, key):
        return Upload(found[1], found[2])
    if found := re.fullmatch(_ASSET, key):
        return AssetFile(found[1])
    if re.fullmatch(_THUMBNAIL, key) or key.endswith("/"):
        return None
    return ManualUpload(key.rpartition("/")[2])


def objects_under(prefix: str) -> str:
    """The pattern of all objects under a prefix, as IAM policies write it in a resource's ARN."""
    return f"{prefix}*"


def any_conversation(prefix: str) -> str:
    """The pattern of all conversations' folders under a prefix, as an IAM condition on `s3:prefix` writes it."""
    return f"{prefix}c_*"
