"""Reads a multipart upload of media straight to disk as the bytes arrive, in constant memory."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from email.message import Message as Headers
from typing import Any

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from local.simulator.media_store import MediaStore, MediaWriter

FIELD_LIMIT = 64 * 1024  # bytes of a part that is not the file


class InvalidForm(ValueError):
    """A body that is no multipart form, or that cannot be read."""


@dataclass
class UploadForm:
    """The content of the form; `parts` describes each part in the order of arrival."""

    part: str = ""  # the name of the part that is the file
    filename: str = ""
    mime: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)


def is_form(request: Request) -> bool:
    """Whether the body announces itself as a multipart form with a boundary."""
    content_type, options = parse_options_header(request.headers.get("content-type"))
    return content_type == b"multipart/form-data" and bool(options.get(b"boundary"))


async def read_upload(
    request: Request, store: MediaStore, file_parts: Container[str]
) -> tuple[UploadForm, MediaWriter | None]:
    """Read the whole body; returns the form and its first file, None without one. Raises InvalidForm.

    `file_parts` are the names of parts that may be the file. A part without a filename is a field.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    reader = _FormReader(store, file_parts)
    parser = MultipartParser(options[b"boundary"], reader.callbacks())  # type: ignore[arg-type]
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except Exception as error:
        if reader.file:
            reader.file.discard()
        raise InvalidForm(str(error)) from error
    return reader.form, reader.file


class _FormReader:
    """Receives the parser's callbacks. The part named `file` goes to the media store, the others are read as text."""

    def __init__(self, store: MediaStore, file_parts: Container[str]) -> None:
        self.form = UploadForm()
        self.file: MediaWriter | None = None
        self._store = store
        self._file_parts = file_parts
        self._headers = Headers()
        self._header_name = self._header_value = b""
        self._text = bytearray()
        self._is_file = False

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_to_header_name,
            "on_header_value": self._add_to_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
        }

    def _begin_part(self) -> None:
        self._headers, self._text, self._is_file = Headers(), bytearray(), False

    def _add_to_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.decode("latin-1")] = self._header_value.decode("utf-8", "replace")
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        name = str(self._headers.get_param("name", "", "content-disposition"))
        filename = self._headers.get_filename("")
        part: dict[str, Any] = {"name": name, "size": 0}
        if "content-type" in self._headers:
            part["type"] = self._headers["content-type"]
        if name in self._file_parts and filename and self.file is None:
            self._is_file = True
            self.file = self._store.writer()
            self.form.part = name
            self.form.filename, self.form.mime = filename, str(part.get("type", ""))
        if filename:
            part["filename"] = filename
        self.form.parts.append(part)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self.form.parts[-1]["size"] += end - start
        if self._is_file and self.file:
            self.file.write(data[start:end])
        elif len(self._text) + end - start <= FIELD_LIMIT:
            self._text += data[start:end]

    def _end_part(self) -> None:
        part = self.form.parts[-1]
        if not self._is_file:
            part["value"] = self.form.fields[str(part["name"])] = self._text.decode("utf-8", "replace")
