"""A file on its way into the channel: one multipart body that is never whole in memory."""

from __future__ import annotations

from typing import Any

from chatflow.adapters.streams import ExactLengthStream
from chatflow.nodes.ports import Readable


def upload_body(source: Readable, size: int, mime: str, filename: str) -> Any:
    """The body of POST /{phone_number_id}/media: a stream with `len` and `content_type`."""
    # It imports all of requests, and most functions that load this channel upload nothing.
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    return MultipartEncoder(
        [
            ("messaging_product", "whatsapp"),
            ("type", mime),
            ("file", (filename or "file", ExactLengthStream(source, size), mime)),
        ]
    )
