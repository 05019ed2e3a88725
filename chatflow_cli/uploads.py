"""A file on its way into the library: announced, streamed straight to S3, and watched until it is checked."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from chatflow_cli.api import path
from chatflow_cli.exits import Failure, Unavailable

if TYPE_CHECKING:
    from chatflow_cli.desk import Desk

_LOOK_EVERY = 0.5  # seconds
_STORED_WITHIN = 600.0  # seconds of silence while S3 takes a file


def uploaded(desk: Desk, where: str, file: Path, members: Mapping[str, Any], wait: float) -> dict[str, Any]:
    """The asset as it is after the check, or still `uploading` when `wait` seconds were not enough."""
    size = file.stat().st_size
    mime = mimetypes.guess_type(file.name)[0] or ""
    told = {name: value for name, value in members.items() if value}
    answer = desk.api.post(where, {"size": size, "mime": mime, **told})
    with desk.screen.progress(file.name, size) as advance, file.open("rb") as opened:
        _store(answer["upload"], Watched(opened, advance))
    asset: dict[str, Any] = answer["asset"]
    if not wait:
        return asset
    with desk.screen.patience(f"Checking {file.name}"):
        return _checked(desk, asset, time.monotonic() + wait)


class Watched:
    """A file that tells how many bytes were read from it; read in pieces, so that memory stays small."""

    def __init__(self, file: IO[bytes], advance: Callable[[int], None]) -> None:
        self._file = file
        self._advance = advance

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._advance(len(data))
        return data

    def fileno(self) -> int:
        """Its length is asked of the system, so that S3 hears it before the bytes."""
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _store(upload: Mapping[str, Any], file: Watched) -> None:
    """One multipart POST, the file last as S3 wants it. Raises Failure with S3's own words when it refuses."""
    import httpx

    from chatflow_cli.connections import opened

    fields = dict(upload["fields"])
    # The name of the key was fixed by whoever signed; the part's own filename says nothing to S3.
    part = ("file", ("file", file, fields.get("Content-Type", "application/octet-stream")))
    try:
        with opened(upload["url"], answer_within=_STORED_WITHIN) as http:
            response = http.post(upload["url"], data=fields, files=[part])  # type: ignore[list-item]
    except httpx.HTTPError as problem:
        raise Unavailable("The file did not get through.", str(problem), "Upload it again.") from None
    if not response.is_success:
        raise Failure(f"S3 refused the file ({response.status_code}).", _words(response.text), "Upload it again.")


def _words(answer: str) -> str:
    """The message of S3's XML."""
    start, end = answer.find("<Message>"), answer.find("</Message>")
    return answer[start + len("<Message>") : end] if 0 <= start < end else answer[:200]


def _checked(desk: Desk, asset: dict[str, Any], deadline: float) -> dict[str, Any]:
    while True:
        found = desk.api.get(path("assets", asset["name"]))
        outcome = _outcome(found)
        if outcome or time.monotonic() >= deadline:
            return outcome or {**found, "state": "uploading"}
        time.sleep(_LOOK_EVERY)


def _outcome(found: dict[str, Any]) -> dict[str, Any] | None:
    """What became of this upload, or None while it is not checked.

    A replaced asset stays ready with its old content until the new one is; the upload itself stands beside it.
    """
    upload = found.get("upload")
    if upload:
        return {**found, **upload, "name": found["name"]} if upload.get("state") == "rejected" else None
    return found if found.get("state") in ("ready", "rejected") else None
