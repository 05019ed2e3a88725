"""Assets: the files that flows send. Their bytes go straight to S3 and come straight from there."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, Field

from chatflow.library import places
from chatflow.library.assets import Asset, State, Upload, Version
from chatflow.library.names import NAME
from management import assets, versions
from management.assets import Announced, Form
from management.conditions import IfMatch, given, tagged
from management.documented import documented, resource
from management.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cursor, position
from management.problems import Problem, invalid
from management.times import Time, rfc3339
from management.versions import Usage
from management.world import world

router = resource()
_LINK_SECONDS = 900

Kind = Literal["image", "document", "audio", "video"]
Master = Literal["api", "deploy"]
Name = Annotated[str, Path(pattern=NAME, description="The asset's name, as flows write it.")]
Force = Annotated[bool, Query(description="Also while flows send it; takes the role admin.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=200, description="A part of its name or of its file's name.")
]
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
    name: str | None = Field(None, pattern=NAME, description="What flows will call it; made of `filename` if left out.")


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


@router.get(
    "/assets",
    **documented(
        role="viewer",
        summary="The assets, by name",
        description="With a search or a filter a page may hold fewer than `limit` and not be the last.",
    ),
)
def list_assets(
    search: Search = None,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[AssetHead]:
    place = position(cursor, "after")
    found, after = assets.listed(
        search=search or "", kind=kind or "", state=state or "", after=place["after"] if place else "", limit=limit
    )
    return Page(items=[_head(each) for each in found], next=_cursor(after))


@router.post(
    "/assets",
    **documented(
        role="editor",
        summary="Create an asset: announce a file, and get the form to upload it with",
        problems=["conflict", "too-large"],
        status=201,
    ),
)
def create_asset(body: NewAsset) -> Response[Expected]:
    asset, form = assets.create(Announced(body.filename, body.size, body.mime), body.name or "")
    return Response(201, "application/json", _expected(asset, form))


@router.get("/assets/<name>", **documented(role="viewer", summary="One asset", problems=["not-found"], etag=True))
def get_asset(name: Name) -> Response[AssetHead]:
    asset = assets.known(name)
    return tagged(_head(asset), asset.revision)


@router.patch(
    "/assets/<name>",
    **documented(
        role="editor",
        summary="Change the name that customers see: a new version with the same bytes",
        problems=["not-found", "not-live", "precondition-required", "edit-conflict"],
        etag=True,
    ),
)
def rename_asset(name: Name, body: Rename, if_match: IfMatch = None) -> Response[AssetHead]:
    version = assets.rename(name, body.filename, if_match)
    return tagged(_head(Asset(name, version, None)), version.version)


@router.delete(
    "/assets/<name>",
    **documented(
        role="editor",
        summary="Delete an asset; its versions stay for 30 days",
        description="What was rejected in the bucket goes from the list, and stays in the bucket.",
        problems=["not-found", "precondition-required", "edit-conflict", "asset-in-use"],
        status=204,
    ),
)
def delete_asset(name: Name, if_match: IfMatch = None, force: Force = False) -> Response[None]:
    assets.delete(name, if_match, force=force)
    return Response(204)


@router.post(
    "/assets/<name>/uploads",
    **documented(
        role="editor",
        summary="Replace an asset's file: flows that send it send the new one as soon as it is checked",
        description="An upload that was asked for before is not waited for any more.",
        problems=["not-found", "edit-conflict", "too-large"],
        status=201,
    ),
)
def replace_asset(name: Name, body: Replacement, if_match: IfMatch = None) -> Response[Expected]:
    asset, form = assets.replace(name, Announced(body.filename or "", body.size, body.mime), given(if_match))
    return Response(201, "application/json", _expected(asset, form))


@router.get(
    "/assets/<name>/versions",
    **documented(role="viewer", summary="The versions of an asset, the newest first", problems=["not-found"]),
)
def list_asset_versions(name: Name, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[AssetVersion]:
    before = _before(cursor)
    found = world().library.versions(name, before, limit + 1)
    there = world().library.find(name)
    if not found and there is None and not before:
        raise Problem("not-found", f'there is no asset "{name}"')
    live = there.revision if there else 0
    items = [_version(each, live) for each in found[:limit]]
    return Page(items=items, next=_version_cursor(items[-1].version) if len(found) > limit else None)


@router.get(
    "/assets/<name>/usage",
    **documented(role="viewer", summary="Which live flows send an asset", problems=["not-found"]),
)
def get_asset_usage(name: Name) -> Usage:
    assets.known(name)
    return versions.usage("asset", name)


def _expected(asset: Asset, form: Form) -> Expected:
    upload = UploadForm(url=form.url, fields=form.fields, expires_at=rfc3339(form.expires_at))
    return Expected(asset=_head(asset), upload=upload)


def _head(asset: Asset) -> AssetHead:
    live, upload = asset.live, asset.upload
    file = live.file if live else None
    bucket = world().library_bucket
    filename = file.filename if file else upload.filename if upload else asset.name
    return AssetHead(
        name=asset.name,
        filename=filename,
        state=asset.state,
        reason=upload.reason if upload and not live else "",
        kind=assets.kind_of(asset) or None,  # type: ignore[arg-type]
        mime=file.mime if file else None,
        size=file.size if file else None,
        sha256=file.sha256 if file else None,
        version=live.version if live else None,
        master=_master(live) if live else None,
        by=live.by if live else upload.by if upload else "",
        updated_at=rfc3339(live.published_at if live else upload.at if upload else 0),
        thumbnail_url=bucket.link(places.thumbnail(file.sha256), _LINK_SECONDS) if file else None,
        download_url=bucket.link(file.key, _LINK_SECONDS, filename=file.filename) if file else None,
        upload=_upload(upload) if upload else None,
    )


def _upload(upload: Upload) -> UploadState:
    return UploadState(
        state=upload.state,
        reason=upload.reason,
        filename=upload.filename,
        size=upload.size,
        mime=upload.mime,
        by=upload.by,
        at=rfc3339(upload.at),
        expires_at=rfc3339(upload.expires_at) if upload.expires_at else None,
    )


def _version(version: Version, live: int) -> AssetVersion:
    file = version.file
    return AssetVersion(
        version=version.version,
        live=version.version == live,
        filename=file.filename,
        kind=file.kind,  # type: ignore[arg-type]
        mime=file.mime,
        size=file.size,
        sha256=file.sha256,
        by=version.by,
        master=_master(version),
        published_at=rfc3339(version.published_at),
    )


def _master(version: Version) -> Master:
    return "api" if version.master == "api" else "deploy"


def _cursor(after: str | None) -> str | None:
    return cursor(after=after) if after else None


def _version_cursor(before: int) -> str:
    return cursor(before=str(before))


def _before(text: str | None) -> int:
    place = position(text, "before")
    before = place["before"] if place else "0"
    if not (before.isascii() and before.isdecimal() and len(before) <= 6):
        raise invalid("query.cursor", "not a cursor of this list: leave it out for the first page")
    return int(before)
