"""The asset library through the API: list, read, rename and delete assets, and their summaries with links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatflow.assets import names
from chatflow.assets.asset import DELETED_SECONDS, Asset, Upload, Version
from chatflow.media import declared_type, object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import FORMATS
from management.assets.models import AssetHead, AssetVersion, Master, UploadState
from management.audit.service import add_audit_facts
from management.http.auth import caller
from management.http.etags import edit_conflict, require_revision, required_revision
from management.http.pagination import Page, decode_cursor, encode_cursor, invalid_cursor
from management.http.problems import Problem
from management.http.times import rfc3339
from management.publishing import versions
from management.publishing.versions import Usage

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_LINK_SECONDS: Final = 900
_MAX_ASSETS_READ: Final = 2000  # by one request that searches


def load(dependencies: Dependencies, name: str) -> Asset:
    """The asset as it is now: an upload that has expired is not part of it. Raises Problem (not-found)."""
    stored = dependencies.asset_store.find(name)
    asset = stored.without_expired_upload(dependencies.clock()) if stored else None
    if asset is None:
        raise Problem("not-found", f'there is no asset "{name}"')
    return asset


def list_assets(
    dependencies: Dependencies, *, search: str, kind: str, state: str, limit: int, cursor: str | None
) -> Page[AssetHead]:
    """A page of assets by name. "" as search, kind or state finds all.

    A search ends a page early when it has read `_MAX_ASSETS_READ` assets. Raises Problem (invalid-request).
    """
    position = decode_cursor(cursor, "after")
    after = position["after"] if position else ""
    found: list[Asset] = []
    for read, stored in enumerate(dependencies.asset_store.all(after)):
        if len(found) == limit or read == _MAX_ASSETS_READ:
            next_cursor = encode_cursor(after=after) if after else None
            return Page(items=[to_summary(dependencies, each) for each in found], next=next_cursor)
        after = stored.name
        asset = stored.without_expired_upload(dependencies.clock())
        if asset and asset.matches(search) and kind in ("", _kind(asset)) and state in ("", asset.state):
            found.append(asset)
    return Page(items=[to_summary(dependencies, each) for each in found], next=None)


def rename(dependencies: Dependencies, name: str, filename: str, revision: int) -> Asset:
    """Give an asset another filename for customers, as a new version; the ending that its format has is kept.

    Raises Problem (not-found, not-live, edit-conflict).
    """
    asset = load(dependencies, name)
    require_revision(revision, asset.revision)
    if asset.live is None:
        raise Problem("not-live", f'"{name}" has no file yet')
    format = next(each for each in FORMATS.values() if each.mime == asset.live.file.mime)
    cleaned = clean_filename(filename, format)
    if cleaned == asset.live.file.filename:
        return Asset(name, asset.live, None)
    version = dependencies.asset_store.rename(asset.live, cleaned, by=caller().name, now=int(dependencies.clock()))
    if version is None:
        raise edit_conflict()
    add_audit_facts(version=version.version)
    return Asset(name, version, None)


def delete(dependencies: Dependencies, name: str, if_match: str | None, *, force: bool) -> None:
    """Delete an asset. Its versions stay for 30 days; its bytes are removed unless another asset has the same.

    Raises Problem (forbidden, precondition-required, not-found, edit-conflict, asset-in-use).
    """
    if force:
        caller().require("admin")
    revision = required_revision(if_match)
    asset = load(dependencies, name)
    require_revision(revision, asset.revision)
    if asset.live is not None and not force:
        _require_unused(dependencies, name)
    store, bucket = dependencies.asset_store, dependencies.asset_bucket
    if not store.delete(asset, versions_until=int(dependencies.clock()) + DELETED_SECONDS):
        raise edit_conflict()
    if asset.upload is not None and object_keys.is_upload(asset.upload.key):
        bucket.delete(asset.upload.key)
    if asset.live is not None and not store.is_used(asset.live.file.key):
        bucket.delete(asset.live.file.key)
        bucket.delete(object_keys.thumbnail(asset.live.file.sha256))


def list_versions(dependencies: Dependencies, name: str, limit: int, cursor: str | None) -> Page[AssetVersion]:
    """A page of an asset's versions, the newest first. Raises Problem (not-found, invalid-request)."""
    before = _parse_version_cursor(cursor)
    found = dependencies.asset_store.versions(name, before, limit + 1)
    asset = dependencies.asset_store.find(name)
    if not found and asset is None and not before:
        raise Problem("not-found", f'there is no asset "{name}"')
    live = asset.revision if asset else 0
    items = [_to_asset_version(version, live) for version in found[:limit]]
    next_cursor = encode_cursor(before=str(items[-1].version)) if len(found) > limit else None
    return Page(items=items, next=next_cursor)


def get_usage(dependencies: Dependencies, name: str) -> Usage:
    """The live flows that send an asset. Raises Problem (not-found)."""
    load(dependencies, name)
    return versions.usage(dependencies, "asset", name)


def to_summary(dependencies: Dependencies, asset: Asset) -> AssetHead:
    """An asset with links to its file and its thumbnail, valid for 15 minutes. Without a file, its fields are null."""
    live, upload = asset.live, asset.upload
    file = live.file if live else None
    bucket = dependencies.asset_bucket
    filename = file.filename if file else upload.filename if upload else asset.name
    return AssetHead(
        name=asset.name,
        filename=filename,
        state=asset.state,
        reason=upload.reason if upload and not live else "",
        kind=_kind(asset) or None,  # type: ignore[arg-type]
        mime=file.mime if file else None,
        size=file.size if file else None,
        sha256=file.sha256 if file else None,
        version=live.version if live else None,
        master=_master(live) if live else None,
        by=live.by if live else upload.by if upload else "",
        updated_at=rfc3339(live.published_at if live else upload.at if upload else 0),
        thumbnail_url=bucket.download_link(object_keys.thumbnail(file.sha256), _LINK_SECONDS) if file else None,
        download_url=bucket.download_link(file.key, _LINK_SECONDS, filename=file.filename) if file else None,
        upload=_to_upload_state(upload) if upload else None,
    )


def _to_upload_state(upload: Upload) -> UploadState:
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


def _to_asset_version(version: Version, live: int) -> AssetVersion:
    """`live`: the number of the live version."""
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


def _kind(asset: Asset) -> str:
    """The kind of an asset's file. Before the file has arrived, the announced kind; "" if that is not known."""
    if asset.live is not None:
        return asset.live.file.kind
    if asset.upload is None:
        return ""
    kinds = {
        each.kind
        for each in declared_type.expected_formats(names.file_extension(asset.upload.filename), asset.upload.mime)
    }
    return kinds.pop() if len(kinds) == 1 else ""


def _require_unused(dependencies: Dependencies, name: str) -> None:
    used_by = versions.usage(dependencies, "asset", name).used_by
    if used_by:
        flows = ", ".join(each.flow for each in used_by)
        members = [each.model_dump() for each in used_by]
        raise Problem("asset-in-use", f'"{name}" is sent by {flows}', used_by=members)


def _parse_version_cursor(cursor: str | None) -> int:
    """The number of the version before which the page begins, 0 for the first page."""
    position = decode_cursor(cursor, "before")
    before = position["before"] if position else "0"
    if not (before.isascii() and before.isdecimal() and len(before) <= 6):
        raise invalid_cursor()
    return int(before)
