"""Reads a multipart upload of media straight to disk, in constant memory, as the bytes arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message as Headers
from typing import Any

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from local.whatsapp_simulator.media_shelf import MediaShelf, Writer
from local.whatsapp_simulator.refusals import invalid, required

FIELD_LIMIT = 4096  # bytes of a part that is not the file


@dataclass
class Upload:
    """What stood in the form; `parts` describes it part by part, in the order in which they came."""

    filename: str = ""
    mime: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)


async def receive_upload(request: Request, shelf: MediaShelf) -> tuple[Upload, Writer]:
    """Read the whole body; returns the form and its file, raises Refusal when it is not the form that Meta asks for."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise required("messaging_product")
    reader = _Reader(shelf)
    parser = MultipartParser(options[b"boundary"], reader.callbacks())  # type: ignore[arg-type]
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except Exception as wrong:
        if reader.file:
            reader.file.discard()
        raise invalid(f"The multipart body cannot be read: {wrong}") from wrong
    if reader.file is None:
        raise required("file")
    return reader.upload, reader.file


class _Reader:
    """Takes the parser's callbacks; the part named `file` goes to the shelf, others are kept as text."""

    def __init__(self, shelf: MediaShelf) -> None:
        self.upload = Upload()
        self.file: Writer | None = None
        self._shelf = shelf
        self._headers = Headers()
        self._name = self._value = b""
        self._text = bytearray()
        self._is_file = False

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._headers, self._text, self._is_file = Headers(), bytearray(), False

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1")] = self._value.decode("utf-8", "replace")
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        name = self._headers.get_param("name", "", "content-disposition")
        filename = self._headers.get_filename("")
        part: dict[str, Any] = {"name": name, "size": 0}
        if "content-type" in self._headers:
            part["type"] = self._headers["content-type"]
        # Without a filename Meta sees no file in the part, and says that the file is missing.
        if name == "file" and filename and self.file is None:
            self._is_file = True
            self.file = self._shelf.writer()
            self.upload.filename, self.upload.mime = filename, str(part.get("type", ""))
        if filename:
            part["filename"] = filename
        self.upload.parts.append(part)

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.upload.parts[-1]["size"] += end - start
        if self._is_file and self.file:
            self.file.write(data[start:end])
        elif len(self._text) + end - start <= FIELD_LIMIT:
            self._text += data[start:end]

    def _end(self) -> None:
        part = self.upload.parts[-1]
        if not self._is_file:
            part["value"] = self.upload.fields[str(part["name"])] = self._text.decode("utf-8", "replace")
