"""A file on its way into the channel: one multipart body that is never whole in memory."""

from __future__ import annotations

from typing import Any

from chatflow.errors import Unavailable
from chatflow.ports import Readable


class Remaining:
    """A stream that knows how much of it is left, which is what requests-toolbelt asks of a part.

    Its `len` shrinks as it is read. A constant one, or any `__len__`, would make the encoder ask for ever; so would a
    source that ends early, which therefore raises Unavailable.
    """

    def __init__(self, source: Readable, size: int) -> None:
        self._source = source
        self.len = size

    def read(self, amount: int = -1, /) -> bytes:
        wanted = self.len if amount < 0 else min(amount, self.len)
        block = self._source.read(wanted) if wanted else b""
        if wanted and not block:
            raise Unavailable(f"the file ended {self.len} bytes before its announced size")
        self.len -= len(block)
        return block


def upload_body(source: Readable, size: int, mime: str, filename: str) -> Any:
    """The body of POST /{phone_number_id}/media: a stream with `len` and `content_type`."""
    # It imports all of requests, and most functions that load this channel upload nothing.
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    return MultipartEncoder(
        [
            ("messaging_product", "whatsapp"),
            ("type", mime),
            ("file", (filename or "file", Remaining(source, size), mime)),
        ]
    )
