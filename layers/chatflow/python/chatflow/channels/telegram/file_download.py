"""Downloads a customer's file: `getFile` names its address, which holds for an hour (Bot API, "getFile")."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from chatflow.channels.retry_after import retry_after
from chatflow.channels.telegram.bot_api import BotApi
from chatflow.channels.telegram.errors import TOO_BIG
from chatflow.channels.telegram.profile import LARGEST_DOWNLOAD
from chatflow.channels.untrusted_json import json_object, optional_number, required_text
from chatflow.errors import (
    AddressRefused,
    ChannelRefused,
    InDoubt,
    InvalidInput,
    MediaUnavailable,
    TooLarge,
    Unavailable,
)
from chatflow.messages import IncomingMedia
from chatflow.nodes.ports import Response
from chatflow.streams import read_into


class Download:
    """A customer's file being read: a `chatflow.nodes.ports.Response`, and what Telegram announced about the file.

    `size` is in bytes, 0 when nothing announced it. Telegram knows no hash.
    """

    sha256 = ""

    def __init__(self, response: Response, size: int, mime: str) -> None:
        self._response = response
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self.length: int | None = response.length
        self.size = size or response.length or 0
        self.mime = mime

    def read(self, amount: int = -1, /) -> bytes:
        """Raises MediaUnavailable when the channel stops sending."""
        try:
            return self._response.read(amount)
        except (Unavailable, InDoubt):
            raise MediaUnavailable("Telegram stopped sending the file") from None

    def read_into(self, buffer: memoryview, /) -> int:
        """Like `read`."""
        try:
            return read_into(self._response, buffer)
        except (Unavailable, InDoubt):
            raise MediaUnavailable("Telegram stopped sending the file") from None


def download(api: BotApi, media: IncomingMedia, deadline: int, stack: ExitStack) -> Download:
    """Open a file by its id. The response is closed with `stack`.

    Raises MediaUnavailable, TooLarge for a file of more than bots may download.
    """
    if media.size > LARGEST_DOWNLOAD:
        raise TooLarge("Telegram hands no file of more than 20 MB to a bot")
    try:
        answer = json_object(api.call("getFile", {"file_id": media.id}, deadline), "file")
        path = required_text(answer, "file_path")
        if ".." in path.split("/"):
            raise InvalidInput("the path leads elsewhere")
    except ChannelRefused as error:
        if TOO_BIG in error.explanation:
            raise TooLarge("Telegram hands no file of more than 20 MB to a bot") from None
        raise MediaUnavailable(f"Telegram has no such file: code {error.code}, {error.explanation}") from None
    except (Unavailable, InDoubt, InvalidInput) as error:
        raise MediaUnavailable("Telegram did not say where the file is", getattr(error, "after", 0.0)) from None
    try:
        response = stack.enter_context(api.file(path, deadline))
    except (Unavailable, InDoubt, AddressRefused):
        raise MediaUnavailable("Telegram did not hand over the file") from None
    if response.status != 200:
        raise MediaUnavailable(f"Telegram answered HTTP {response.status} for the file", retry_after(response.headers))
    return Download(response, optional_number(answer, "file_size") or media.size, media.mime)
