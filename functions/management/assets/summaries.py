"""An asset in the words of the API, with links that are good for some minutes."""

from __future__ import annotations

from typing import Final

from chatflow.assets.asset import Asset, Upload, Version
from chatflow.media import object_keys
from management.assets import service
from management.assets.models import AssetHead, AssetVersion, Expected, Master, UploadForm, UploadState
from management.assets.uploads import Form
from management.dependencies import Dependencies
from management.http.times import rfc3339

_LINK_SECONDS: Final = 900


def expected(dependencies: Dependencies, asset: Asset, form: Form) -> Expected:
    """An asset, and the form for its file."""
    upload = UploadForm(url=form.url, fields=form.fields, expires_at=rfc3339(form.expires_at))
    return Expected(asset=head(dependencies, asset), upload=upload)


def head(dependencies: Dependencies, asset: Asset) -> AssetHead:
    """While it has no file, what is told of that is null."""
    live, upload = asset.live, asset.upload
    file = live.file if live else None
    bucket = dependencies.asset_bucket
    filename = file.filename if file else upload.filename if upload else asset.name
    return AssetHead(
        name=asset.name,
        filename=filename,
        state=asset.state,
        reason=upload.reason if upload and not live else "",
        kind=service.kind_of(asset) or None,  # type: ignore[arg-type]
        mime=file.mime if file else None,
        size=file.size if file else None,
        sha256=file.sha256 if file else None,
        version=live.version if live else None,
        master=_master(live) if live else None,
        by=live.by if live else upload.by if upload else "",
        updated_at=rfc3339(live.published_at if live else upload.at if upload else 0),
        thumbnail_url=bucket.download_link(object_keys.thumbnail(file.sha256), _LINK_SECONDS) if file else None,
        download_url=bucket.download_link(file.key, _LINK_SECONDS, filename=file.filename) if file else None,
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


def version(of: Version, live: int) -> AssetVersion:
    """`live` is the number of the version that is live."""
    file = of.file
    return AssetVersion(
        version=of.version,
        live=of.version == live,
        filename=file.filename,
        kind=file.kind,  # type: ignore[arg-type]
        mime=file.mime,
        size=file.size,
        sha256=file.sha256,
        by=of.by,
        master=_master(of),
        published_at=rfc3339(of.published_at),
    )


def _master(version: Version) -> Master:
    return "api" if version.master == "api" else "deploy"
