"""Assets, their versions and the forms to upload them with, as the API takes and tells them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chatflow.assets.asset import State
from chatflow.assets.names import NAME_PATTERN
from management.http.times import Time

Kind = Literal["image", "document", "audio", "video"]
Master = Literal["api", "deploy"]
Filename = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1024,
        description="What customers see. It is cleaned: one line, no path, at most 200 bytes, its true ending.",
    ),
]
Size = Annotated[int, Field(ge=1, le=10**12, description="In bytes.")]
Mime = Annotated[str, Field(max_length=255, description="As the browser says it; empty when it says nothing.")]


class UploadState(BaseModel):
    """A file that is on its way, or was not taken."""

    state: Literal["uploading", "rejected"]
    reason: str = Field(description="Why it was not taken, in plain words.")
    filename: str
    size: int
    mime: str
    by: str
    at: Time
    expires_at: Time | None = Field(description="Until when it is shown; null: as long as it lies in the bucket.")


class AssetHead(BaseModel):
    """An asset. While it has no file, what is told of that is null."""

    name: str = Field(description="What flows call it; never changes.")
    filename: str = Field(description="What customers see.")
    state: State = Field(description="`ready` when flows can send it, whatever becomes of a replacement.")
    reason: str = Field(description="Why it was rejected; empty otherwise.")
    kind: Kind | None
    mime: str | None
    size: int | None
    sha256: str | None
    version: int | None = Field(description="The live version.")
    master: Master | None = Field(description="Who made it live: this API (or the bucket), or the files of a deploy.")
    by: str = Field(description="Who uploaded it; `S3` for a file put into the bucket, empty for a deploy's.")
    updated_at: Time
    thumbnail_url: str | None = Field(description="Good for some minutes. A deploy's file has it after some seconds.")
    download_url: str | None = Field(description="Good for some minutes.")
    upload: UploadState | None = Field(description="A first file, or a replacement, that is not (yet) the live one.")


class NewAsset(BaseModel):
    """A file that is to be uploaded."""

    filename: Filename
    size: Size
    mime: Mime = ""
    name: str | None = Field(
        None, pattern=NAME_PATTERN, description="What flows will call it; made of `filename` if left out."
    )


class Replacement(BaseModel):
    """A file that is to take the place of another."""

    size: Size
    mime: Mime = ""
    filename: Filename | None = None


class UploadForm(BaseModel):
    """A form to send to S3 as multipart/form-data: these fields, then the file as the last field, named `file`."""

    url: str
    fields: dict[str, str]
    expires_at: Time


class Expected(BaseModel):
    """An asset, and the form for its file."""

    asset: AssetHead
    upload: UploadForm


class Rename(BaseModel):
    """Another name for customers."""

    filename: Filename


class AssetVersion(BaseModel):
    """One content under one file name; it never changes."""

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
