"""Uploads on disk: written and hashed while they arrive, never whole in memory."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import python_multipart
from python_multipart.multipart import parse_options_header


class InvalidForm(ValueError):
    """The request's body is not a complete multipart form with a file."""


@dataclass
class Upload:
    """One received file."""

    id: str
    path: str
    filename: str
    content_type: str
    size: int
    sha256: str
    plate: str = ""
    idempotency_key: str = ""
    fields: dict[str, str] = field(default_factory=dict)  # the other parts of the form
    repeats: int = 0  # repetitions of the request that got the first answer again
    received_at: float = field(default_factory=time.time)

    def to_json(self) -> dict[str, Any]:
        """The upload in JSON form, with the address of its content."""
        return {**asdict(self), "url": f"/uploads/{self.id}"}


@dataclass
class FormPart:
    """One part of a form: a field has `text`, a file has a path on disk."""

    name: str = ""
    filename: str | None = None
    content_type: str = ""
    text: bytes = b""
    size: int = 0
    sha256: str = ""
    file: Path | None = None


class FormReader:
    """Reads one multipart form from a stream of chunks into `folder`."""

    def __init__(self, content_type: str, folder: Path) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise InvalidForm(f"expected multipart/form-data with a boundary, not {content_type!r}")
        self.parts: list[FormPart] = []
        self._folder = folder
        self._header = [b"", b""]  # name and value of the current header
        self._headers: dict[bytes, bytes] = {}
        self._hash = hashlib.sha256()
        self._open: BinaryIO | None = None
        self._ended = False
        self._parser = python_multipart.MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin_part,
                "on_header_field": lambda data, start, end: self._add_to_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add_to_header(1, data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._write,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    async def read(self, chunks: AsyncIterator[bytes]) -> list[FormPart]:
        """All parts, in order; raises InvalidForm when the body ends before the form does."""
        try:
            async for chunk in chunks:
                self._parser.write(chunk)
        except python_multipart.exceptions.MultipartParseError as error:
            raise InvalidForm(str(error)) from error
        finally:
            if self._open:
                self._open.close()
            if not self._ended:
                self._discard()
        if not self._ended:
            raise InvalidForm("the form ends before its closing boundary")
        return self.parts

    def _discard(self) -> None:
        for part in self.parts:
            if part.file:
                part.file.unlink(missing_ok=True)

    def _begin_part(self) -> None:
        self._headers = {}
        self._hash = hashlib.sha256()
        self.parts.append(FormPart())

    def _add_to_header(self, index: int, data: bytes) -> None:
        self._header[index] += data

    def _end_header(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _open_part(self) -> None:
        part = self.parts[-1]
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        part.name = options.get(b"name", b"").decode()
        part.content_type = self._headers.get(b"content-type", b"").decode()
        if b"filename" in options:
            part.filename = options[b"filename"].decode()
            part.file = self._folder / f"arriving-{time.time_ns()}"
            self._open = part.file.open("wb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        part, piece = self.parts[-1], data[start:end]
        part.size += len(piece)
        if self._open:
            self._open.write(piece)
            self._hash.update(piece)
        else:
            part.text += piece

    def _end_part(self) -> None:
        if self._open:
            self._open.close()
            self._open = None
            self.parts[-1].sha256 = self._hash.hexdigest()

    def _end(self) -> None:
        self._ended = True


class UploadStore:
    """All uploads, newest last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads: list[Upload] = []
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, part: FormPart, path: str, plate: str, fields: dict[str, str], idempotency_key: str) -> Upload:
        """Store a completely received file; raises InvalidForm when the part is not a file."""
        if part.file is None or part.filename is None:
            raise InvalidForm(f"the part {part.name!r} is not a file")
        self._count += 1
        upload = Upload(
            id=f"up_{self._count:05d}",
            path=path,
            filename=part.filename,
            content_type=part.content_type,
            size=part.size,
            sha256=part.sha256,
            plate=plate,
            fields=fields,
            idempotency_key=idempotency_key,
        )
        part.file.rename(self.path(upload.id))
        self.uploads.append(upload)
        return upload

    def path(self, upload_id: str) -> Path:
        """The file with an upload's bytes."""
        return self.folder / upload_id

    def find(self, upload_id: str) -> Upload | None:
        """The upload of this id, or None."""
        return next((upload for upload in self.uploads if upload.id == upload_id), None)

    def clear(self) -> None:
        """Remove all uploads and their files."""
        self.uploads.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
