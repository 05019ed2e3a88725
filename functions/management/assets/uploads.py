"""Uploads to the asset library: a file is announced, checked by its name, type and size, and gets an upload form."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatflow.assets import names
from chatflow.assets.asset import CHECK_SECONDS, UPLOAD_SECONDS, Asset, Upload
from chatflow.media import declared_type, object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import MB, PRODUCT, Format
from management.assets.models import Expected, NewAsset, Replacement, UploadForm
from management.assets.service import load, to_summary
from management.audit.service import add_audit_facts
from management.http.auth import caller
from management.http.etags import require_revision
from management.http.problems import Problem, invalid_field
from management.http.times import rfc3339

if TYPE_CHECKING:
    from management.dependencies import Dependencies


@dataclass(frozen=True)
class _AnnouncedFile:
    """What the caller says of a file. `formats`: the formats that it can have, the first being the most likely."""

    filename: str  # cleaned
    size: int  # bytes
    mime: str  # "" if the caller did not say
    formats: list[Format]


def create(dependencies: Dependencies, new: NewAsset) -> Expected:
    """Expect the first file of an asset; without a name, the asset is named after its file.

    Raises Problem (invalid-request, too-large, conflict).
    """
    file = _announce(new.filename, new.size, new.mime)
    name = new.name or names.name_from_filename(file.filename)
    existing = dependencies.asset_store.find(name)
    if existing is not None and existing.live is not None:
        way = f"replace it (POST /assets/{name}/uploads), or give another name"
        raise Problem("conflict", f'there is an asset "{name}": {way}')
    pending = existing.without_expired_upload(dependencies.clock()) if existing else None
    if pending is not None and pending.state == "uploading" and pending.upload and pending.upload.by != caller().name:
        raise Problem("conflict", f'{pending.upload.by} is uploading "{name}" just now: give another name')
    return _expect(dependencies, name, file, existing)


def replace(dependencies: Dependencies, name: str, replacement: Replacement, revision: int | None) -> Expected:
    """Expect a new file for an asset; without a filename, the asset keeps its own.

    Raises Problem (not-found, edit-conflict, invalid-request, too-large, conflict).
    """
    asset, existing = load(dependencies, name), dependencies.asset_store.find(name)
    require_revision(revision, asset.revision)
    file = _announce(replacement.filename or _filename(asset), replacement.size, replacement.mime)
    if asset.live and (kind := asset.live.file.kind) not in {each.kind for each in file.formats}:
        raise invalid_field("body.filename", f'"{name}" is of the kind {kind}, and is replaced by a file of that kind')
    return _expect(dependencies, name, file, existing)


def _announce(filename: str, size: int, mime: str) -> _AnnouncedFile:
    """Raises Problem (invalid-request, too-large) if no format that can be sent fits the filename, type and size."""
    ending = names.file_extension(filename)
    endings = declared_type.list_extensions()
    if not ending and declared_type.formats_by_mime(mime) is None:
        raise invalid_field("body.filename", f"a file name that ends in one of: {endings}")
    if ending and not declared_type.formats_by_extension(ending):
        raise invalid_field("body.filename", f".{ending} is no format that can be sent. Those are {endings}")
    formats = declared_type.expected_formats(ending, mime)
    if not formats:
        declared = mime.partition(";")[0].strip()[:80]
        of = f"of a file that ends in .{ending}" if ending else "of a file that can be sent"
        raise invalid_field("body.mime", f"{declared} is not the type {of}")
    limit = _limit(formats)
    if size > limit:
        words = " or ".join(dict.fromkeys(each.words for each in formats))
        raise Problem("too-large", f"at most {limit // MB} MB ({limit} bytes) of {words} are taken")
    return _AnnouncedFile(clean_filename(filename, formats[0]), size, mime, formats)


def _limit(formats: list[Format]) -> int:
    """The most bytes that a file of one of these formats may have."""
    return max(PRODUCT.limits[each.name] for each in formats)


def _expect(dependencies: Dependencies, name: str, file: _AnnouncedFile, existing: Asset | None) -> Expected:
    now = int(dependencies.clock())
    id = secrets.token_hex(16)
    upload = Upload(
        name=name,
        id=id,
        state="uploading",
        key=object_keys.upload(id, name),
        filename=file.filename,
        mime=file.mime,
        size=file.size,
        by=caller().name,
        at=now,
        expires_at=now + UPLOAD_SECONDS + CHECK_SECONDS,
    )
    url, fields = dependencies.asset_bucket.upload_form(
        upload.key, file.formats[0].mime, _limit(file.formats), UPLOAD_SECONDS
    )
    replaced = existing.upload.id if existing and existing.upload else ""
    if not dependencies.asset_store.expect(upload, instead_of=replaced):
        raise Problem("conflict", f'someone else began to upload "{name}" at the same time: look, and try again')
    add_audit_facts(asset=name)
    asset = Asset(name, existing.live if existing else None, upload)
    form = UploadForm(url=url, fields=fields, expires_at=rfc3339(now + UPLOAD_SECONDS))
    return Expected(asset=to_summary(dependencies, asset), upload=form)


def _filename(asset: Asset) -> str:
    if asset.live is not None:
        return asset.live.file.filename
    return asset.upload.filename if asset.upload else asset.name
