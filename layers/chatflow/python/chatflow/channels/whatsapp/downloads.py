"""A customer's file on its way out of the channel."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import quote

from chatflow.channels.whatsapp.graph import Graph
from chatflow.channels.whatsapp.untrusted import needed_text, sha256_hex, text, whole_number
from chatflow.errors import AddressRefused, ChannelRefused, InDoubt, InvalidInput, MediaUnavailable, Unavailable
from chatflow.messages import IncomingMedia
from chatflow.nodes.ports import Response


class Download:
    """A customer's file being read: a `chatflow.nodes.ports.Response`, and what was announced about it.

    That is not proven: count and hash the bytes. `size` is in bytes, 0 when nothing announced it; `sha256` is
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


def given(graph: Graph, media: IncomingMedia, deadline: int, stack: ExitStack) -> Download | None:
    """The file by the address that came with the message: a call less, for five minutes; None when it is too late."""
    if not media.url or not graph.trusts(media.url):
        return None
    with ExitStack() as attempt:
        response = _opened(graph, media.url, deadline, attempt)
        if 400 <= response.status < 500:
            return None
        stack.enter_context(attempt.pop_all())
    return _download(response, media.size, media.sha256, media.mime)


def looked_up(graph: Graph, media: IncomingMedia, deadline: int, stack: ExitStack) -> Download:
    """The file by its id, which Meta turns into a new address for seven days. Raises MediaUnavailable.

    The number's id, which Meta's API takes as well, is left out: it was seen refused for files that customers sent.
    """
    try:
        found = graph.call("GET", quote(media.id, safe=""), deadline)
        url = needed_text(found, "url")
        size = whole_number(found.get("file_size", media.size), "file_size")
        sha256 = sha256_hex(text(found, "sha256")) or media.sha256
        mime = text(found, "mime_type") or media.mime
    except ChannelRefused as error:
        raise MediaUnavailable(f"WhatsApp has no such file: code {error.code}, {error.explanation}") from None
    except (Unavailable, InDoubt, InvalidInput):
        raise MediaUnavailable("WhatsApp did not say where the file is") from None
    if not graph.trusts(url):
        raise MediaUnavailable("WhatsApp named an address for the file that must not get the token")
    return _download(_opened(graph, url, deadline, stack), size, sha256, mime)


def _opened(graph: Graph, url: str, deadline: int, stack: ExitStack) -> Response:
    try:
        return stack.enter_context(graph.get(url, deadline))
    except (Unavailable, InDoubt, AddressRefused):
        raise MediaUnavailable("WhatsApp did not hand over the file") from None


def _download(response: Response, size: int, sha256: str, mime: str) -> Download:
    if response.status != 200:
        raise MediaUnavailable(f"WhatsApp answered HTTP {response.status} for the file")
    return Download(response, size, sha256, mime)
