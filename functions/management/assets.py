"""The asset library as the API has it: what may be uploaded, what is told of an asset, and when it may go."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from chatflow.library import names, places
from chatflow.library.assets import CHECK_SECONDS, DELETED_SECONDS, UPLOAD_SECONDS, Asset, Upload, Version
from chatflow.media import claims
from chatflow.media.names import clean
from chatflow.media.profiles import FORMATS, GUIDE, MB, Format
from management import versions
from management.audit import mention
from management.callers import caller
from management.conditions import conflict, must_be, required
from management.problems import Problem, invalid
from management.world import world

_PAGES_LOOKED_AT: Final = 2000  # assets that one request looks at while it searches


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


def known(name: str) -> Asset:
    """The asset as it is now. Raises Problem (not-found)."""
    found = world().library.find(name)
    asset = found.now(world().clock()) if found else None
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
        asset = each.now(world().clock())
        if asset and asset.matches(search) and kind in ("", kind_of(asset)) and state in ("", asset.state):
            found.append(asset)
    return found, None


def create(announced: Announced, name: str) -> tuple[Asset, Form]:
    """Expect the first file of an asset; without a name it is made of the file's. Raises Problem."""
    formats = _expected(announced)
    filename = clean(announced.filename, formats[0])
    name = name or names.made_of(filename)
    there = world().library.find(name)
    if there is not None and there.live is not None:
        way = f"replace it (POST /assets/{name}/uploads), or give another name"
        raise Problem("conflict", f'there is an asset "{name}": {way}')
    pending = there.now(world().clock()) if there else None
    if pending is not None and pending.state == "uploading" and pending.upload and pending.upload.by != caller().name:
        raise Problem("conflict", f'{pending.upload.by} is uploading "{name}" just now: give another name')
    return _expect(name, filename, announced, formats, there)


def replace(name: str, announced: Announced, seen: int | None) -> tuple[Asset, Form]:
    """Expect a new file for an asset; without a file name it keeps the one that it has. Raises Problem."""
    asset, there = known(name), world().library.find(name)
    must_be(seen, asset.revision)
    announced = Announced(announced.filename or _filename(asset), announced.size, announced.mime)
    formats = _expected(announced)
    if asset.live and (kind := asset.live.file.kind) not in {each.kind for each in formats}:
        raise invalid("body.filename", f'"{name}" is of the kind {kind}, and is replaced by a file of that kind')
    return _expect(name, clean(announced.filename, formats[0]), announced, formats, there)


def rename(name: str, filename: str, if_match: str | None) -> Version:
    """What customers see; its true ending stays. Raises Problem."""
    seen = required(if_match)
    asset = known(name)
    must_be(seen, asset.revision)
    if asset.live is None:
        raise Problem("not-live", f'"{name}" has no file yet')
    found = next(each for each in FORMATS.values() if each.mime == asset.live.file.mime)
    shown = clean(filename, found)
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
    if asset.upload is not None and asset.upload.key.startswith("upload/"):
        world().library_bucket.remove(asset.upload.key)
    if asset.live is not None and not world().library.is_used(asset.live.file.key):
        world().library_bucket.remove(asset.live.file.key)
        world().library_bucket.remove(places.thumbnail(asset.live.file.sha256))


def kind_of(asset: Asset) -> str:
    """The kind of its file, as announced while it is not there; "" while that is not known."""
    if asset.live is not None:
        return asset.live.file.kind
    if asset.upload is None:
        return ""
    kinds = {each.kind for each in claims.expected(names.ending(asset.upload.filename), asset.upload.mime)}
    return kinds.pop() if len(kinds) == 1 else ""


def _must_be_unused(name: str) -> None:
    used_by = versions.usage("asset", name).used_by
    if used_by:
        flows = ", ".join(each.flow for each in used_by)
        told = [each.model_dump() for each in used_by]
        raise Problem("asset-in-use", f'"{name}" is sent by {flows}', used_by=told)


def _expected(announced: Announced) -> list[Format]:
    """The formats that the file can be, by what is said of it. Raises Problem (invalid-request, too-large)."""
    ending = names.ending(announced.filename)
    if not ending and claims.by_type(announced.mime) is None:
        raise invalid("body.filename", f"a file name that ends in one of: {claims.endings()}")
    if ending and not claims.by_ending(ending):
        raise invalid("body.filename", f".{ending} is no format that can be sent. Those are {claims.endings()}")
    formats = claims.expected(ending, announced.mime)
    if not formats:
        said = announced.mime.partition(";")[0].strip()[:80]
        of = f"of a file that ends in .{ending}" if ending else "of a file that can be sent"
        raise invalid("body.mime", f"{said} is not the type {of}")
    limit = _limit(formats)
    if announced.size > limit:
        words = " or ".join(dict.fromkeys(each.words for each in formats))
        raise Problem("too-large", f"at most {limit // MB} MB ({limit} bytes) of {words} are taken")
    return formats


def _limit(formats: list[Format]) -> int:
    return max(GUIDE.limits[each.name] for each in formats)


def _expect(
    name: str, filename: str, announced: Announced, formats: list[Format], there: Asset | None
) -> tuple[Asset, Form]:
    now = int(world().clock())
    id = secrets.token_hex(16)
    upload = Upload(
        name=name,
        id=id,
        state="uploading",
        key=places.upload(id, name),
        filename=filename,
        mime=announced.mime,
        size=announced.size,
        by=caller().name,
        at=now,
        expires_at=now + UPLOAD_SECONDS + CHECK_SECONDS,
    )
    url, fields = world().library_bucket.form(upload.key, formats[0].mime, _limit(formats), UPLOAD_SECONDS)
    if not world().library.expect(upload, instead_of=there.upload.id if there and there.upload else ""):
        raise Problem("conflict", f'someone else began to upload "{name}" at the same time: look, and try again')
    mention(asset=name)
    return Asset(name, there.live if there else None, upload), Form(url, fields, now + UPLOAD_SECONDS)


def _filename(asset: Asset) -> str:
    if asset.live is not None:
        return asset.live.file.filename
    return asset.upload.filename if asset.upload else asset.name
