"""Uploads to the asset library: a file is announced, judged by what is said of it, and a form is handed out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from chatflow.assets import names
from chatflow.assets.asset import CHECK_SECONDS, UPLOAD_SECONDS, Asset, Upload
from chatflow.media import declared_type, object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import GUIDE, MB, Format
from management.assets.service import known
from management.audit.service import add_audit_facts
from management.dependencies import Dependencies
from management.http.auth import caller
from management.http.etags import require_revision
from management.http.problems import Problem, invalid_field


@dataclass(frozen=True)
class Announced:
    """A file that somebody wants to upload. `mime` is "" where nothing was said."""

    filename: str
    size: int  # bytes
    mime: str


@dataclass(frozen=True)
class Form:
    """Where and with which fields the file may be sent, until when (seconds since the epoch)."""

    url: str
    fields: dict[str, str]
    expires_at: int


def create(dependencies: Dependencies, announced: Announced, name: str) -> tuple[Asset, Form]:
    """Expect the first file of an asset; without a name it is made of the file's. Raises Problem."""
    formats = _expected(announced)
    filename = clean_filename(announced.filename, formats[0])
    name = name or names.name_from_filename(filename)
    there = dependencies.asset_store.find(name)
    if there is not None and there.live is not None:
        way = f"replace it (POST /assets/{name}/uploads), or give another name"
        raise Problem("conflict", f'there is an asset "{name}": {way}')
    pending = there.without_expired_upload(dependencies.clock()) if there else None
    if pending is not None and pending.state == "uploading" and pending.upload and pending.upload.by != caller().name:
        raise Problem("conflict", f'{pending.upload.by} is uploading "{name}" just now: give another name')
    return _expect(dependencies, name, filename, announced, formats, there=there)


def replace(dependencies: Dependencies, name: str, announced: Announced, seen: int | None) -> tuple[Asset, Form]:
    """Expect a new file for an asset; without a file name it keeps the one that it has. Raises Problem."""
    asset, there = known(dependencies, name), dependencies.asset_store.find(name)
    require_revision(seen, asset.revision)
    announced = Announced(announced.filename or _filename(asset), announced.size, announced.mime)
    formats = _expected(announced)
    if asset.live and (kind := asset.live.file.kind) not in {each.kind for each in formats}:
        raise invalid_field("body.filename", f'"{name}" is of the kind {kind}, and is replaced by a file of that kind')
    return _expect(dependencies, name, clean_filename(announced.filename, formats[0]), announced, formats, there=there)


def _expected(announced: Announced) -> list[Format]:
    """The formats that the file can be, by what is said of it. Raises Problem (invalid-request, too-large)."""
    ending = names.file_extension(announced.filename)
    if not ending and declared_type.formats_by_mime(announced.mime) is None:
        raise invalid_field("body.filename", f"a file name that ends in one of: {declared_type.list_extensions()}")
    if ending and not declared_type.formats_by_extension(ending):
        raise invalid_field(
            "body.filename", f".{ending} is no format that can be sent. Those are {declared_type.list_extensions()}"
        )
    formats = declared_type.expected_formats(ending, announced.mime)
    if not formats:
        said = announced.mime.partition(";")[0].strip()[:80]
        of = f"of a file that ends in .{ending}" if ending else "of a file that can be sent"
        raise invalid_field("body.mime", f"{said} is not the type {of}")
    limit = _limit(formats)
    if announced.size > limit:
        words = " or ".join(dict.fromkeys(each.words for each in formats))
        raise Problem("too-large", f"at most {limit // MB} MB ({limit} bytes) of {words} are taken")
    return formats


def _limit(formats: list[Format]) -> int:
    return max(GUIDE.limits[each.name] for each in formats)


def _expect(
    dependencies: Dependencies,
    name: str,
    filename: str,
    announced: Announced,
    formats: list[Format],
    *,
    there: Asset | None,
) -> tuple[Asset, Form]:
    now = int(dependencies.clock())
    id = secrets.token_hex(16)
    upload = Upload(
        name=name,
        id=id,
        state="uploading",
        key=object_keys.upload(id, name),
        filename=filename,
        mime=announced.mime,
        size=announced.size,
        by=caller().name,
        at=now,
        expires_at=now + UPLOAD_SECONDS + CHECK_SECONDS,
    )
    url, fields = dependencies.asset_bucket.upload_form(upload.key, formats[0].mime, _limit(formats), UPLOAD_SECONDS)
    if not dependencies.asset_store.expect(upload, instead_of=there.upload.id if there and there.upload else ""):
        raise Problem("conflict", f'someone else began to upload "{name}" at the same time: look, and try again')
    add_audit_facts(asset=name)
    return Asset(name, there.live if there else None, upload), Form(url, fields, now + UPLOAD_SECONDS)


def _filename(asset: Asset) -> str:
    if asset.live is not None:
        return asset.live.file.filename
    return asset.upload.filename if asset.upload else asset.name
