"""Uploads a file to the asset library: announces it, streams it straight to S3, and waits until it is checked."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from chatflow_cli.api import api_path
from chatflow_cli.errors import CommandError, Unavailable

if TYPE_CHECKING:
    from chatflow_cli.command import CommandContext

_POLL_INTERVAL = 0.5  # seconds
_S3_TIMEOUT = 600.0  # seconds without an answer while S3 stores a file


def upload_asset(
    context: CommandContext, path: str, file: Path, members: Mapping[str, Any], wait: float
) -> dict[str, Any]:
    """The asset after its check, or with state `uploading` when `wait` seconds were not enough.

    `members` of the request that are empty are left out.
    """
    size = file.stat().st_size
    mime = mimetypes.guess_type(file.name)[0] or ""
    given = {name: value for name, value in members.items() if value}
    answer = context.api.post(path, {"size": size, "mime": mime, **given})
    with context.output.progress_bar(file.name, size) as advance, file.open("rb") as stream:
        _post_to_s3(answer["upload"], ProgressReader(stream, advance))
    asset: dict[str, Any] = answer["asset"]
    if not wait:
        return asset
    with context.output.spinner(f"Checking {file.name}"):
        return _wait_for_check(context, asset["name"], time.monotonic() + wait)


class ProgressReader:
    """A file that reports how many bytes were read. httpx reads it in pieces, so memory use stays small."""

    def __init__(self, file: IO[bytes], advance: Callable[[int], None]) -> None:
        self._file = file
        self._advance = advance

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._advance(len(data))
        return data

    def fileno(self) -> int:
        """httpx takes the length from the file descriptor, and so sends a Content-Length, which S3 demands."""
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _post_to_s3(upload: Mapping[str, Any], file: ProgressReader) -> None:
    """Send one multipart POST, with the file as its last part, as S3 demands.

    Raises CommandError with S3's message when it refuses the file.
    """
    import httpx

    from chatflow_cli.http_client import http_client

    fields = dict(upload["fields"])
    # The object's key is fixed by the signed policy; S3 ignores the part's own filename.
    part = ("file", ("file", file, fields.get("Content-Type", "application/octet-stream")))
    try:
        with http_client(upload["url"], read_timeout=_S3_TIMEOUT) as http:
            response = http.post(upload["url"], data=fields, files=[part])  # type: ignore[list-item]
    except httpx.HTTPError as error:
        raise Unavailable("The file did not get through.", str(error), "Upload it again.") from None
    if not response.is_success:
        title = f"S3 refused the file ({response.status_code})."
        raise CommandError(title, _s3_message(response.text), "Upload it again.")


def _s3_message(xml: str) -> str:
    """The content of <Message> in S3's error document."""
    start, end = xml.find("<Message>"), xml.find("</Message>")
    return xml[start + len("<Message>") : end] if 0 <= start < end else xml[:200]


def _wait_for_check(context: CommandContext, name: str, deadline: float) -> dict[str, Any]:
    while True:
        asset = context.api.get(api_path("assets", name))
        checked = _checked_asset(asset)
        if checked or time.monotonic() >= deadline:
            return checked or {**asset, "state": "uploading"}
        time.sleep(_POLL_INTERVAL)


def _checked_asset(asset: dict[str, Any]) -> dict[str, Any] | None:
    """The asset once this upload is checked, None before.

    A replaced asset stays `ready` with its old content until the new content is; until then the API returns the new
    upload as the member `upload`.
    """
    upload = asset.get("upload")
    if upload:
        return {**asset, **upload, "name": asset["name"]} if upload.get("state") == "rejected" else None
    return asset if asset.get("state") in ("ready", "rejected") else None
