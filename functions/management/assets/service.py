"""The asset library as the API has it: what is found, what customers see of an asset, and when it may go."""

from __future__ import annotations

from typing import Final

from chatflow.assets import names
from chatflow.assets.asset import DELETED_SECONDS, Asset, Version
from chatflow.media import declared_type, object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import FORMATS
from management.audit.service import mention
from management.dependencies import world
from management.http.auth import caller
from management.http.etags import conflict, must_be, required
from management.http.problems import Problem
from management.publishing import versions

_PAGES_LOOKED_AT: Final = 2000  # assets that one request looks at while it searches


def known(name: str) -> Asset:
    """The asset as it is now. Raises Problem (not-found)."""
    found = world().library.find(name)
    asset = found.without_expired_upload(world().clock()) if found else None
    if asset is None:
        raise Problem("not-found", f'there is no asset "{name}"')
    return asset


def listed(*, search: str, kind: str, state: str, after: str, limit: int) -> tuple[list[Asset], str | None]:
    """At most `limit` assets by their names, and after which name to go on. A search may end a page early."""
    found: list[Asset] = []
    for looked_at, each in enumerate(world().library.all(after)):
        if len(found) == limit or looked_at == _PAGES_LOOKED_AT:
            return found, after
        after = each.name
        asset = each.without_expired_upload(world().clock())
        if asset and asset.matches(search) and kind in ("", kind_of(asset)) and state in ("", asset.state):
            found.append(asset)
    return found, None


def rename(name: str, filename: str, if_match: str | None) -> Version:
    """What customers see; its true ending stays. Raises Problem."""
    seen = required(if_match)
    asset = known(name)
    must_be(seen, asset.revision)
    if asset.live is None:
        raise Problem("not-live", f'"{name}" has no file yet')
    found = next(each for each in FORMATS.values() if each.mime == asset.live.file.mime)
    shown = clean_filename(filename, found)
    if shown == asset.live.file.filename:
        return asset.live
    made = world().library.rename(asset.live, shown, by=caller().name, now=int(world().clock()))
    if made is None:
        raise conflict()
    mention(version=made.version)
    return made


def delete(name: str, if_match: str | None, *, force: bool) -> None:
    """It goes, its versions stay for 30 days; its bytes go if no other asset has them. Raises Problem."""
    if force:
        caller().must("admin")
    seen = required(if_match)
    asset = known(name)
    must_be(seen, asset.revision)
    if asset.live is not None and not force:
        _must_be_unused(name)
    if not world().library.delete(asset, versions_until=int(world().clock()) + DELETED_SECONDS):
        raise conflict()
    if asset.upload is not None and object_keys.is_upload(asset.upload.key):
        world().library_bucket.delete(asset.upload.key)
    if asset.live is not None and not world().library.is_used(asset.live.file.key):
        world().library_bucket.delete(asset.live.file.key)
        world().library_bucket.delete(object_keys.thumbnail(asset.live.file.sha256))


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


def _must_be_unused(name: str) -> None:
    used_by = versions.usage("asset", name).used_by
    if used_by:
        flows = ", ".join(each.flow for each in used_by)
        told = [each.model_dump() for each in used_by]
        raise Problem("asset-in-use", f'"{name}" is sent by {flows}', used_by=told)
