"""Uploads on disk: written while they arrive, hashed on the way, never whole in memory."""

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


class NotMultipart(ValueError):
    """The request's body is not a multipart form that can be read to its end."""


@dataclass
class Upload:
    """One file as it arrived."""

    id: str
    path: str
    filename: str
    content_type: str
    size: int
    sha256: str
    plate: str = ""
    idempotency_key: str = ""
    fields: dict[str, str] = field(default_factory=dict)  # the form's other parts
    repeats: int = 0  # how often the same request came again and was answered from memory
    received_at: float = field(default_factory=time.time)

    def shown(self) -> dict[str, Any]:
        """As JSON, with the address of its content."""
        return {**asdict(self), "url": f"/uploads/{self.id}"}


@dataclass
class Part:
    """One part of a form: a field has text, a file has a place on disk."""

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
            raise NotMultipart(f"expected multipart/form-data with a boundary, not {content_type!r}")
        self.parts: list[Part] = []
        self._folder = folder
        self._header = [b"", b""]
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

    async def read(self, chunks: AsyncIterator[bytes]) -> list[Part]:
        """All parts, in order; raises NotMultipart when the body ends before the form does."""
        try:
            async for chunk in chunks:
                self._parser.write(chunk)
        except python_multipart.exceptions.MultipartParseError as error:
            raise NotMultipart(str(error)) from error
        finally:
            if self._open:
                self._open.close()
            if not self._ended:
                self._discard()
        if not self._ended:
            raise NotMultipart("the form ends before its closing boundary")
        return self.parts

    def _discard(self) -> None:
        for part in self.parts:
            if part.file:
                part.file.unlink(missing_ok=True)

    def _begin_part(self) -> None:
        self._headers = {}
        self._hash = hashlib.sha256()
        self.parts.append(Part())

    def _add_to_header(self, which: int, data: bytes) -> None:
        self._header[which] += data

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


class UploadShelf:
    """All uploads that were taken, newest last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads: list[Upload] = []
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, part: Part, path: str, plate: str, fields: dict[str, str], idempotency_key: str) -> Upload:
        """Keep a file that has arrived whole."""
        if part.file is None or part.filename is None:
            raise NotMultipart(f"the part {part.name!r} is not a file")
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
        part.file.rename(self.content(upload.id))
        self.uploads.append(upload)
        return upload

    def content(self, upload_id: str) -> Path:
        """Where an upload's bytes are."""
        return self.folder / upload_id

    def find(self, upload_id: str) -> Upload | None:
        """The upload of that id, if it is there."""
        return next((u for u in self.uploads if u.id == upload_id), None)

    def clear(self) -> None:
        """Forget all uploads and remove their bytes."""
        self.uploads.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
