"""Files of a trial: samples come from the library, and what a call downloads stays in a folder that goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatflow.adapters.exact_length_stream import BLOCK, Measured
from chatflow.adapters.hashing_stream import Passing, Stored
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import Refused, TooLarge
from chatflow.media.ranges import Read
from chatflow.nodes.ports import Readable


class TrialStore(MediaStore):
    """Reads assets, and writes nothing but files of its own."""

    def __init__(self, asset_bucket: str, folder: Path) -> None:
        super().__init__("", asset_bucket)
        self._file = folder / "downloaded"

    def write(self, _key: str, stream: Readable, length: int | None, _mime: str, limit: int) -> Stored:
        if length is not None and length > limit:
            raise TooLarge(f"a file of {length} bytes where at most {limit} are kept")
        passing = Passing(stream if length is None else Measured(stream, length), limit)
        with self._file.open("wb") as file:
            while block := passing.read(BLOCK):
                file.write(block)
        return passing.stored()

    def mark_clean(self, key: str) -> None:
        """Nobody else reads it."""

    @contextmanager
    def open(self, key: str) -> Iterator[Measured]:
        if not key.startswith("asset/"):
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
