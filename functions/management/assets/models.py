"""Assets, their versions and their uploads, as the API describes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chatflow.assets.asset import State
from chatflow.assets.names import NAME_PATTERN
from management.http.model import Model
from management.http.times import Time

Kind = Literal["image", "document", "audio", "video"]
Master = Literal["api", "deploy"]
Filename = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1024,
        description="What customers see. It is cleaned: one line, no path, at most 200 bytes, its format's ending.",
    ),
]
Size = Annotated[int, Field(ge=1, le=10**12, description="In bytes.")]
Mime = Annotated[
    str, Field(max_length=255, description="The type that the browser declares; empty if it declares none.")
]


class UploadState(Model):
    """A file that is being uploaded, or was rejected."""

    state: Literal["uploading", "rejected"]
    reason: str = Field(description="Why it was rejected.")
    filename: str
    size: int
    mime: str
    by: str
    at: Time
    expires_at: Time | None = Field(
        description="The end of its listing; null if it is listed as long as it is in the bucket."
    )


class AssetHead(Model):
    """An asset. The fields of its file are null while it has none."""

    name: str = Field(description="The name by which flows refer to it; never changes.")
    filename: str = Field(description="What customers see.")
    state: State = Field(description="`ready` as soon as flows can send it, regardless of a replacement.")
    reason: str = Field(description="Why it was rejected; empty otherwise.")
    kind: Kind | None
    mime: str | None
    size: int | None
    sha256: str | None
    version: int | None = Field(description="The live version.")
    master: Master | None = Field(description="What made it live: this API (or the bucket), or the files of a deploy.")
    by: str = Field(description="Who uploaded it; `S3` for a file put into the bucket, empty for a deploy's.")
    updated_at: Time
    thumbnail_url: str | None = Field(description="Valid for 15 minutes. Available some seconds after a deploy.")
    download_url: str | None = Field(description="Valid for 15 minutes.")
    upload: UploadState | None = Field(description="A first file or a replacement that is not live, or not yet.")


class NewAsset(Model):
    """A file to be uploaded."""

    filename: Filename
    size: Size
    mime: Mime = ""
    name: str | None = Field(
        None,
        pattern=NAME_PATTERN,
        description="The name by which flows refer to it; derived from `filename` if left out.",
    )


class Replacement(Model):
    """A file to replace another."""

    size: Size
    mime: Mime = ""
    filename: Filename | None = None


class UploadForm(Model):
    """A form to send to S3 as multipart/form-data: these fields, then the file as the last field, named `file`."""

    url: str
    fields: dict[str, str]
    expires_at: Time


class Expected(Model):
    """An asset, and the form for its file."""

    asset: AssetHead
    upload: UploadForm


class Rename(Model):
    """Another filename for customers."""

    filename: Filename


class AssetVersion(Model):
    """One content under one filename; it never changes."""

    version: int
    live: bool
    filename: str
    kind: Kind
    mime: str
    size: int
    sha256: str
    by: str
    master: Master
    published_at: Time
