"""What becomes of an object in the library's bucket: an asset, a rejection with its reason, or nothing.

Events come twice, late and out of order, so an event only says where to look. What decides is what lies there now,
and what the table expects; each step may be done again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal, Protocol

from asset_processing import asset_rules
from asset_processing.thumbnails.making import Thumbnail
from chatflow.adapters.s3.asset_bucket import Arrived
from chatflow.assets.asset import REJECTED_SECONDS, Asset, Upload, Version
from chatflow.assets.names import made_of
from chatflow.errors import NotPublished
from chatflow.media import object_keys
from chatflow.media.filenames import clean
from chatflow.media.identification import identify
from chatflow.media.profiles import GUIDE, Format, Profile
from chatflow.media.reference import MediaReference

SOMEONE = "S3"  # who put a file into the bucket is not told to us: AWS's own trail knows it

Outcome = Literal["ready", "rejected", "superseded", "gone", "thumbnail", "nothing"]


class Library(Protocol):
    def find(self, name: str) -> Asset | None: ...
    def reject(self, upload: Upload) -> bool: ...
    def forget_rejected(self, name: str, key: str) -> None: ...
    def take(
        self, name: str, file: MediaReference, *, by: str, upload: str, arrived_at: int, now: int
    ) -> Version | None: ...


class Bucket(Protocol):
    def opened(self, key: str) -> AbstractContextManager[Arrived]: ...
    def is_still(self, key: str, etag: str) -> bool: ...
    def keep(self, sha256: str, file: Path, mime: str) -> str: ...
    def is_kept(self, sha256: str) -> bool: ...
    def keep_thumbnail(self, sha256: str, image: bytes) -> None: ...
    def has_thumbnail(self, sha256: str) -> bool: ...
    def remove(self, key: str, etag: str = "") -> None: ...


@dataclass(frozen=True)
class World:
    """What the room needs of the world. `clock` is in seconds since the epoch."""

    library: Library
    bucket: Bucket
    thumbnail: Callable[[Path, Format], Thumbnail]
    clock: Callable[[], float]
    warn: Callable[[str], None]
    profile: Profile = GUIDE


@dataclass(frozen=True)
class _Claim:
    """What is said of a file, and what it would replace."""

    name: str = ""
    filename: str = ""
    mime: str = ""
    by: str = SOMEONE
    upload: str = ""
    replaces: Version | None = None


@dataclass(frozen=True)
class _Looked:
    """A file that was read and judged. Without `format` there is a `reason`, and perhaps no more."""

    arrived: Arrived
    path: Path = Path()
    sha256: str = ""
    format: Format | None = None
    reason: str = ""


def created(key: str, world: World) -> Outcome:
    """Something was put there. Raises what AWS raises; then the event comes again."""
    place = object_keys.read(key)
    try:
        if isinstance(place, object_keys.Upload):
            return _uploaded(key, place, world)
        if isinstance(place, object_keys.Content):
            return _in_need_of_a_thumbnail(key, place.sha256, world)
        if isinstance(place, object_keys.Dropped):
            return _dropped(key, place.filename, world)
    except NotPublished:
        return "gone"
    return "nothing"


def deleted(key: str, world: World) -> Outcome:
    """Something was taken away: what was rejected is not shown any more."""
    place = object_keys.read(key)
    if isinstance(place, object_keys.Dropped):
        world.library.forget_rejected(made_of(place.filename), key)
    return "nothing"


def _uploaded(key: str, place: object_keys.Upload, world: World) -> Outcome:
    asset = world.library.find(place.name)
    upload = asset.upload if asset else None
    if asset is None or upload is None or upload.id != place.id or upload.state != "uploading":
        world.bucket.remove(key)  # another was asked for since, or this one is dealt with already
        return "superseded"
    claim = _Claim(place.name, upload.filename, upload.mime, upload.by, upload.id, asset.live)
    with world.bucket.opened(key) as arrived, tempfile.NamedTemporaryFile() as file:
        looked = _look(arrived, file, claim, world.profile)
        if looked.format is None:
            until = int(world.clock()) + REJECTED_SECONDS
            refused = replace(upload, state="rejected", reason=looked.reason, expires_at=until)
            outcome: Outcome = "rejected" if world.library.reject(refused) else "superseded"
        else:
            outcome = _taken(key, claim, looked, looked.format, world)
    world.bucket.remove(key, arrived.etag)
    return outcome


def _dropped(key: str, filename: str, world: World) -> Outcome:
    name = made_of(filename)
    asset = world.library.find(name)
    claim = _Claim(name, filename, replaces=asset.live if asset else None)
    with world.bucket.opened(key) as arrived, tempfile.NamedTemporaryFile() as file:
        looked = _look(arrived, file, claim, world.profile)
        if looked.format is None:
            return "rejected" if world.library.reject(_not_taken(key, claim, looked)) else "superseded"
        outcome = _taken(key, claim, looked, looked.format, world)
    world.bucket.remove(key, arrived.etag)
    world.library.forget_rejected(name, key)
    return outcome


def _not_taken(key: str, claim: _Claim, looked: _Looked) -> Upload:
    return Upload(
        name=claim.name,
        id="",
        state="rejected",
        key=key,
        filename=claim.filename,
        mime="",
        size=looked.arrived.size,
        by=claim.by,
        at=looked.arrived.at,
        expires_at=0,  # as long as it lies there
        reason=looked.reason,
    )


def _in_need_of_a_thumbnail(key: str, sha256: str, world: World) -> Outcome:
    """A deploy puts files there by itself."""
    if world.bucket.has_thumbnail(sha256):
        return "nothing"
    with world.bucket.opened(key) as arrived, tempfile.NamedTemporaryFile() as file:
        looked = _look(arrived, file, _Claim(), world.profile)
        if looked.format is None or looked.sha256 != sha256:
            world.warn(f"{key} is no file of the library: {looked.reason or 'its content is another'}")
            return "nothing"
        _picture(looked, looked.format, world)
    return "thumbnail"


def _look(arrived: Arrived, file: IO[bytes], claim: _Claim, profile: Profile) -> _Looked:
    """Read it once, to a file; identified and judged is what was read."""
    if reason := asset_rules.on_size(profile, arrived.size):
        return _Looked(arrived, reason=reason)
    sha256 = arrived.save(file)

    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    found = identify(read, arrived.size)
    reason = asset_rules.on_content(profile, found, arrived.size, filename=claim.filename, declared=claim.mime)
    if not reason and found and claim.replaces:
        reason = asset_rules.on_replacing(claim.replaces.file.kind, found)
    return _Looked(arrived, Path(file.name), sha256, found if found and not reason else None, reason)


def _taken(key: str, claim: _Claim, looked: _Looked, found: Format, world: World) -> Outcome:
    """The thumbnail first, then the bytes, then the table: what is shown as ready is there as a whole."""
    arrived, sha256 = looked.arrived, looked.sha256
    if not world.bucket.has_thumbnail(sha256):
        _picture(looked, found, world)
    kept = world.bucket.keep(sha256, looked.path, found.mime)
    if not world.bucket.is_still(key, arrived.etag):
        return "superseded"  # what replaced it has an event of its own
    file = MediaReference(kept, sha256, arrived.size, found.mime, found.kind, clean(claim.filename, found))
    now = int(world.clock())
    taken = world.library.take(claim.name, file, by=claim.by, upload=claim.upload, arrived_at=arrived.at, now=now)
    if taken is None:
        return "superseded"
    if not world.bucket.is_kept(sha256):
        world.bucket.keep(sha256, looked.path, found.mime)  # an asset with the same bytes was deleted in between
    return "ready"


def _picture(looked: _Looked, found: Format, world: World) -> None:
    made = world.thumbnail(looked.path, found)
    if made.trouble:
        world.warn(f"an icon instead of a picture for asset/{looked.sha256}: {made.trouble}")
    world.bucket.keep_thumbnail(looked.sha256, made.image)
