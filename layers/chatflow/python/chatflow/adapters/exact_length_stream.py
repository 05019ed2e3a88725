"""A stream that is exactly as long as was said."""

from __future__ import annotations

from chatflow.errors import Unavailable
from chatflow.nodes.ports import Readable

BLOCK = 256 * 1024  # bytes that are moved at once: 16 KiB, urllib3's own, costs more than half of the speed


class Measured:
    """Reads `length` bytes of a source and no more; a source that ends before raises Unavailable.

    `len` is what is left and shrinks: requests-toolbelt's MultipartEncoder asks a part for it until it is 0, and
    would ask for ever if it stood still, if there were a `__len__`, or if an early end passed in silence.
    """

    def __init__(self, source: Readable, length: int) -> None:
        self._source = source
        self.len = length

    def read(self, amount: int = -1, /) -> bytes:
        wanted = self.len if amount < 0 else min(amount, self.len)
        block = self._source.read(wanted) if wanted else b""
        if wanted and not block:
            raise Unavailable(f"a stream ended {self.len} bytes early")
        self.len -= len(block)
        return block
