"""The files of a trial: samples are read from the asset library, a download is written to a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import Refused, TooLarge
from chatflow.media import object_keys
from chatflow.media.ranges import Read
from chatflow.nodes.ports import Readable
from chatflow.streams import BLOCK, ExactLengthStream, HashingStream, StreamedFile


class TrialStore(MediaStore):
    """Reads assets from S3, and writes one file to `folder`."""

    def __init__(self, asset_bucket: str, folder: Path) -> None:
        super().__init__("", asset_bucket)
        self._file = folder / "downloaded"

    def write(self, _key: str, stream: Readable, length: int | None, _mime: str, limit: int) -> StreamedFile:
        if length is not None and length > limit:
            raise TooLarge(f"a file of {length} bytes where at most {limit} are accepted")
        hashing = HashingStream(stream if length is None else ExactLengthStream(stream, length), limit)
        with self._file.open("wb") as file:
            while block := hashing.read(BLOCK):
                file.write(block)
        return hashing.result()

    def mark_clean(self, key: str) -> None:
        """Does nothing: no other function reads the file."""

    @contextmanager
    def open(self, key: str) -> Iterator[ExactLengthStream]:
        if not object_keys.is_asset(key):
            raise Refused("a trial reads files of the library only")
        with super().open(key) as stream:
            yield stream

    def reader(self, _key: str, _known: tuple[tuple[int, bytes], ...] = ()) -> Read:
        def read(offset: int, length: int) -> bytes:
            with self._file.open("rb") as file:
                file.seek(offset)
                return file.read(length)

        return read

    def delete(self, _key: str) -> None:
        self._file.unlink(missing_ok=True)
