"""Downloads a customer's file from WhatsApp, and builds the body of an upload to it. Both are streams."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

from chatflow.channels.retry_after import retry_after
from chatflow.channels.untrusted_json import optional_number, optional_text, required_text, sha256_hex
from chatflow.channels.whatsapp.graph_api import GraphApi
from chatflow.errors import AddressRefused, ChannelRefused, InDoubt, InvalidInput, MediaUnavailable, Unavailable
from chatflow.messages import IncomingMedia
from chatflow.nodes.ports import Readable, Response
from chatflow.streams import ExactLengthStream, read_into

# WhatsApp takes Ogg with the codec Opus only, and the type must name it (Meta: "Audio messages").
_UPLOADED_AS = {"audio/ogg": "audio/ogg; codecs=opus"}


class Download:
    """A customer's file being read: a `chatflow.nodes.ports.Response`, and what WhatsApp announced about the file.

    The announcement is no proof: count and hash the bytes. `size` is in bytes, 0 when nothing announced it; `sha256` is
    lower-case hex, "" when nothing announced it.
    """

    def __init__(self, response: Response, size: int, sha256: str, mime: str) -> None:
        self._response = response
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self.length: int | None = response.length
        self.size = size or response.length or 0
        self.sha256 = sha256
        self.mime = mime

    def read(self, amount: int = -1, /) -> bytes:
        """Raises MediaUnavailable when the channel stops sending."""
        try:
            return self._response.read(amount)
        except (Unavailable, InDoubt):
            raise MediaUnavailable("WhatsApp stopped sending the file") from None

    def read_into(self, buffer: memoryview, /) -> int:
        """Like `read`."""
        try:
            return read_into(self._response, buffer)
        except (Unavailable, InDoubt):
            raise MediaUnavailable("WhatsApp stopped sending the file") from None


def download_by_url(graph: GraphApi, media: IncomingMedia, deadline: int, stack: ExitStack) -> Download | None:
    """The file at the address that came with the message, which saves one call. Meta keeps it valid for five minutes.

    None when the message named no address that may get the token, or when the address has expired. The response is
    closed with `stack`. Raises MediaUnavailable.
    """
    if not media.url or not graph.trusts(media.url):
        return None
    with ExitStack() as attempt:
        response = _opened(graph, media.url, deadline, attempt)
        if 400 <= response.status < 500:
            return None
        stack.enter_context(attempt.pop_all())
    return _download(response, media.size, media.sha256, media.mime)


def download_by_id(graph: GraphApi, media: IncomingMedia, deadline: int, stack: ExitStack) -> Download:
    """The file by its id, which Meta turns into a new address for seven days. Raises MediaUnavailable.

    The phone number's id, which Meta's API accepts as well, is left out: Meta was seen to refuse it for files that
    customers sent. The response is closed with `stack`.
    """
    try:
        answer = graph.call("GET", quote(media.id, safe=""), deadline)
        url = required_text(answer, "url")
    except ChannelRefused as error:
        raise MediaUnavailable(f"WhatsApp has no such file: code {error.code}, {error.explanation}") from None
    except (Unavailable, InDoubt, InvalidInput) as error:
        raise MediaUnavailable("WhatsApp did not say where the file is", getattr(error, "after", 0.0)) from None
    size = optional_number(answer, "file_size") or media.size
    sha256 = sha256_hex(optional_text(answer, "sha256")) or media.sha256
    mime = optional_text(answer, "mime_type") or media.mime
    if not graph.trusts(url):
        raise MediaUnavailable("WhatsApp named an address for the file that must not get the token")
    return _download(_opened(graph, url, deadline, stack), size, sha256, mime)


def _opened(graph: GraphApi, url: str, deadline: int, stack: ExitStack) -> Response:
    try:
        return stack.enter_context(graph.get(url, deadline))
    except (Unavailable, InDoubt, AddressRefused):
        raise MediaUnavailable("WhatsApp did not hand over the file") from None


def _download(response: Response, size: int, sha256: str, mime: str) -> Download:
    if response.status != 200:
        raise MediaUnavailable(f"WhatsApp answered HTTP {response.status} for the file", retry_after(response.headers))
    return Download(response, size, sha256, mime)


def upload_body(source: Readable, size: int, mime: str, filename: str) -> Any:
    """The multipart body of POST /{phone_number_id}/media: a stream with `len` and `content_type`.

    The file is never whole in memory. `size` is the file's length in bytes.
    """
    mime = _UPLOADED_AS.get(mime, mime)
    # It imports all of requests, and most functions that load this channel upload nothing.
    from requests_toolbelt.multipart.encoder import MultipartEncoder

    return MultipartEncoder(
        [
            ("messaging_product", "whatsapp"),
            ("type", mime),
            ("file", (filename or "file", ExactLengthStream(source, size), mime)),
        ]
    )
