"""Turns an object in the asset bucket into an asset, or into a rejection with its reason.

Events arrive twice, late and out of order. So an event only says where to look: the current object and the table
decide, and every step may be repeated.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal, Protocol

from asset_processing import asset_rules
from asset_processing.thumbnails.create import Thumbnail
from chatflow.adapters.s3.asset_bucket import OpenObject
from chatflow.assets.asset import REJECTED_SECONDS, Asset, Upload, Version
from chatflow.assets.names import name_from_filename
from chatflow.errors import NotPublished
from chatflow.media import object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.identification import identify
from chatflow.media.profiles import PRODUCT, Format, Profile
from chatflow.media.reference import MediaReference

UNKNOWN_PERSON = "S3"  # author of a file that was put into the bucket directly; only AWS's own trail knows the person

UploadResult = Literal["ready", "rejected", "superseded", "gone", "thumbnail", "nothing"]


class Store(Protocol):
    """The part of `AssetStore` that is needed here."""

    def find(self, name: str) -> Asset | None: ...
    def reject(self, upload: Upload) -> bool: ...
    def forget_rejected(self, name: str, key: str) -> None: ...
    def publish(
        self, name: str, file: MediaReference, *, by: str, upload: str, arrived_at: int, now: int
    ) -> Version | None: ...


class Bucket(Protocol):
    """The part of `AssetBucket` that is needed here."""

    def open(self, key: str) -> AbstractContextManager[OpenObject]: ...
    def is_unchanged(self, key: str, etag: str) -> bool: ...
    def store(self, sha256: str, file: Path, mime: str) -> str: ...
    def is_stored(self, sha256: str) -> bool: ...
    def store_thumbnail(self, sha256: str, image: bytes) -> None: ...
    def has_thumbnail(self, sha256: str) -> bool: ...
    def delete(self, key: str, etag: str = "") -> None: ...


@dataclass(frozen=True)
class Dependencies:
    """`clock` returns seconds since the epoch."""

    store: Store
    bucket: Bucket
    create_thumbnail: Callable[[Path, Format], Thumbnail]
    clock: Callable[[], float]
    warn: Callable[[str], None]
    profile: Profile = PRODUCT
    channels: Mapping[str, Profile] = field(default_factory=dict)  # profiles by the titles of channels


@dataclass(frozen=True)
class _Declared:
    """What is declared about a file, and the version that it would replace."""

    name: str = ""
    filename: str = ""
    mime: str = ""
    by: str = UNKNOWN_PERSON
    upload: str = ""
    replaces: Version | None = None


@dataclass(frozen=True)
class _CheckedFile:
    """A file after its check. Without a `format` it was rejected for `reason`, possibly before it was read."""

    object: OpenObject
    path: Path = Path()
    sha256: str = ""
    format: Format | None = None
    reason: str = ""


def process_created(key: str, dependencies: Dependencies) -> UploadResult:
    """Process a new object. Errors of AWS pass through, and the event is retried."""
    place = object_keys.parse_asset_bucket(key)
    try:
        if isinstance(place, object_keys.Upload):
            return _process_upload(key, place, dependencies)
        if isinstance(place, object_keys.AssetFile):
            return _add_thumbnail(key, place.sha256, dependencies)
        if isinstance(place, object_keys.ManualUpload):
            return _process_manual_upload(key, place.filename, dependencies)
    except NotPublished:
        return "gone"
    return "nothing"


def process_deleted(key: str, dependencies: Dependencies) -> UploadResult:
    """Process a deletion: the rejection of a deleted object is no longer shown."""
    place = object_keys.parse_asset_bucket(key)
    if isinstance(place, object_keys.ManualUpload):
        dependencies.store.forget_rejected(name_from_filename(place.filename), key)
    return "nothing"


def _process_upload(key: str, place: object_keys.Upload, dependencies: Dependencies) -> UploadResult:
    asset = dependencies.store.find(place.name)
    upload = asset.upload if asset else None
    if asset is None or upload is None or upload.id != place.id or upload.state != "uploading":
        dependencies.bucket.delete(key)  # another upload was requested since, or this one was processed already
        return "superseded"
    declared = _Declared(place.name, upload.filename, upload.mime, upload.by, upload.id, asset.live)
    with dependencies.bucket.open(key) as object, tempfile.NamedTemporaryFile() as file:
        checked = _check(object, file, declared, dependencies)
        if checked.format is None:
            expires_at = int(dependencies.clock()) + REJECTED_SECONDS
            rejected = replace(upload, state="rejected", reason=checked.reason, expires_at=expires_at)
            outcome: UploadResult = "rejected" if dependencies.store.reject(rejected) else "superseded"
        else:
            outcome = _publish(key, declared, checked, checked.format, dependencies)
    dependencies.bucket.delete(key, object.etag)
    return outcome


def _process_manual_upload(key: str, filename: str, dependencies: Dependencies) -> UploadResult:
    name = name_from_filename(filename)
    asset = dependencies.store.find(name)
    declared = _Declared(name, filename, replaces=asset.live if asset else None)
    with dependencies.bucket.open(key) as object, tempfile.NamedTemporaryFile() as file:
        checked = _check(object, file, declared, dependencies)
        if checked.format is None:
            return "rejected" if dependencies.store.reject(_rejected(key, declared, checked)) else "superseded"
        outcome = _publish(key, declared, checked, checked.format, dependencies)
    dependencies.bucket.delete(key, object.etag)
    dependencies.store.forget_rejected(name, key)
    return outcome


def _rejected(key: str, declared: _Declared, checked: _CheckedFile) -> Upload:
    return Upload(
        name=declared.name,
        id="",
        state="rejected",
        key=key,
        filename=declared.filename,
        mime="",
        size=checked.object.size,
        by=declared.by,
        at=checked.object.modified_at,
        expires_at=0,  # shown for as long as the object exists
        reason=checked.reason,
    )


def _add_thumbnail(key: str, sha256: str, dependencies: Dependencies) -> UploadResult:
    """Create the thumbnail of a checked file that has none: a deploy stores files without one."""
    if dependencies.bucket.has_thumbnail(sha256):
        return "nothing"
    with dependencies.bucket.open(key) as object, tempfile.NamedTemporaryFile() as file:
        checked = _check(object, file, _Declared(), dependencies)
        if checked.format is None or checked.sha256 != sha256:
            dependencies.warn(f"{key} is no file of the library: {checked.reason or 'its content is another'}")
            return "nothing"
        _store_thumbnail(checked, checked.format, dependencies)
    return "thumbnail"


def _check(object: OpenObject, file: IO[bytes], declared: _Declared, dependencies: Dependencies) -> _CheckedFile:
    """Download the object once, to a local file, then identify and check that file."""
    profile = dependencies.profile
    if reason := asset_rules.check_size(profile, object.size):
        return _CheckedFile(object, reason=reason)
    sha256 = object.save(file)

    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    found = identify(read, object.size)
    reason = asset_rules.check_content(profile, found, object.size, filename=declared.filename, declared=declared.mime)
    if not reason and found:
        reason = asset_rules.check_shown(dependencies.channels, found)
    if not reason and found and declared.replaces:
        reason = asset_rules.check_replacement(declared.replaces.file.kind, found)
    return _CheckedFile(object, Path(file.name), sha256, found if found and not reason else None, reason)


def _publish(
    key: str, declared: _Declared, checked: _CheckedFile, found: Format, dependencies: Dependencies
) -> UploadResult:
    """Store the thumbnail first, then the bytes, then the version: an asset that is shown as ready is complete."""
    bucket, object, sha256 = dependencies.bucket, checked.object, checked.sha256
    if not bucket.has_thumbnail(sha256):
        _store_thumbnail(checked, found, dependencies)
    stored_key = bucket.store(sha256, checked.path, found.mime)
    if not bucket.is_unchanged(key, object.etag):
        return "superseded"  # the object that replaced it has its own event
    filename = clean_filename(declared.filename, found)
    version = dependencies.store.publish(
        declared.name,
        MediaReference(stored_key, sha256, object.size, found.mime, found.kind, filename, encoding=found.encoding),
        by=declared.by,
        upload=declared.upload,
        arrived_at=object.modified_at,
        now=int(dependencies.clock()),
    )
    if version is None:
        return "superseded"
    if not bucket.is_stored(sha256):
        bucket.store(sha256, checked.path, found.mime)  # an asset with the same bytes was deleted in between
    return "ready"


def _store_thumbnail(checked: _CheckedFile, found: Format, dependencies: Dependencies) -> None:
    thumbnail = dependencies.create_thumbnail(checked.path, found)
    if thumbnail.problem:
        key = object_keys.asset(checked.sha256)
        dependencies.warn(f"an icon instead of a picture for {key}: {thumbnail.problem}")
    dependencies.bucket.store_thumbnail(checked.sha256, thumbnail.image)
