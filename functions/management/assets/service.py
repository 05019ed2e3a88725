"""The asset library as the API has it: what is found, what customers see of an asset, and when it may go."""

from __future__ import annotations

from typing import Final

from chatflow.assets import names
from chatflow.assets.asset import DELETED_SECONDS, Asset, Version
from chatflow.media import declared_type, object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import FORMATS
from management.audit.service import add_audit_facts
from management.dependencies import Dependencies
from management.http.auth import caller
from management.http.etags import edit_conflict, require_revision, required_revision
from management.http.problems import Problem
from management.publishing import versions

_PAGES_LOOKED_AT: Final = 2000  # assets that one request looks at while it searches


def known(dependencies: Dependencies, name: str) -> Asset:
    """The asset as it is now. Raises Problem (not-found)."""
    found = dependencies.asset_store.find(name)
    asset = found.without_expired_upload(dependencies.clock()) if found else None
    if asset is None:
        raise Problem("not-found", f'there is no asset "{name}"')
    return asset


def listed(
    dependencies: Dependencies, *, search: str, kind: str, state: str, after: str, limit: int
) -> tuple[list[Asset], str | None]:
    """At most `limit` assets by their names, and after which name to go on. A search may end a page early."""
    found: list[Asset] = []
    for looked_at, each in enumerate(dependencies.asset_store.all(after)):
        if len(found) == limit or looked_at == _PAGES_LOOKED_AT:
            return found, after
        after = each.name
        asset = each.without_expired_upload(dependencies.clock())
        if asset and asset.matches(search) and kind in ("", kind_of(asset)) and state in ("", asset.state):
            found.append(asset)
    return found, None


def rename(dependencies: Dependencies, name: str, filename: str, if_match: str | None) -> Version:
    """What customers see; its true ending stays. Raises Problem."""
    seen = required_revision(if_match)
    asset = known(dependencies, name)
    require_revision(seen, asset.revision)
    if asset.live is None:
        raise Problem("not-live", f'"{name}" has no file yet')
    found = next(each for each in FORMATS.values() if each.mime == asset.live.file.mime)
    shown = clean_filename(filename, found)
    if shown == asset.live.file.filename:
        return asset.live
    made = dependencies.asset_store.rename(asset.live, shown, by=caller().name, now=int(dependencies.clock()))
    if made is None:
        raise edit_conflict()
    add_audit_facts(version=made.version)
    return made


def delete(dependencies: Dependencies, name: str, if_match: str | None, *, force: bool) -> None:
    """It goes, its versions stay for 30 days; its bytes go if no other asset has them. Raises Problem."""
    if force:
        caller().require("admin")
    seen = required_revision(if_match)
    asset = known(dependencies, name)
    require_revision(seen, asset.revision)
    if asset.live is not None and not force:
        _must_be_unused(dependencies, name)
    if not dependencies.asset_store.delete(asset, versions_until=int(dependencies.clock()) + DELETED_SECONDS):
        raise edit_conflict()
    if asset.upload is not None and object_keys.is_upload(asset.upload.key):
        dependencies.asset_bucket.delete(asset.upload.key)
    if asset.live is not None and not dependencies.asset_store.is_used(asset.live.file.key):
        dependencies.asset_bucket.delete(asset.live.file.key)
        dependencies.asset_bucket.delete(object_keys.thumbnail(asset.live.file.sha256))


def kind_of(asset: Asset) -> str:
    """The kind of its file, as announced while it is not there; "" while that is not known."""
    if asset.live is not None:
        return asset.live.file.kind
    if asset.upload is None:
        return ""
    kinds = {
        each.kind
        for each in declared_type.expected_formats(names.file_extension(asset.upload.filename), asset.upload.mime)
    }
    return kinds.pop() if len(kinds) == 1 else ""


def _must_be_unused(dependencies: Dependencies, name: str) -> None:
    used_by = versions.usage(dependencies, "asset", name).used_by
    if used_by:
        flows = ", ".join(each.flow for each in used_by)
        told = [each.model_dump() for each in used_by]
        raise Problem("asset-in-use", f'"{name}" is sent by {flows}', used_by=told)
