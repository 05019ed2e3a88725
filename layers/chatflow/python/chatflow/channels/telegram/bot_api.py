"""Calls Telegram's Bot API through the fetch port. The bot's token is a part of every address that is called.

So no address is ever logged, stored or handed on, and no error keeps another one as its cause: the libraries below name
addresses in theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import quote

from chatflow.channels.telegram.errors import UNAUTHORIZED, error_for
from chatflow.channels.telegram.updates import message_id
from chatflow.channels.untrusted_json import json_object
from chatflow.errors import (
    AddressRefused,
    ChannelRefused,
    ChannelUnavailable,
    InDoubt,
    InvalidInput,
    NotPublished,
    Unavailable,
)
from chatflow.nodes.ports import Fetch, Readable, Response

# "authentication token" in the Bot API: the bot's id, a colon, 35 characters today.
_TOKEN: Final = re.compile(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]{20,128}")
_LARGEST_ANSWER: Final = 256 * 1024  # bytes; a message with its keyboard has a few KB
_HEADERS: Final = {"user-agent": "chatflow"}


class BotApi:
    """The API at one base URL, with one token at a time. Deadlines are in milliseconds since the epoch.

    `renewed` reads the secret again: a token that Telegram refuses may have been revoked since it was read.
    """

    def __init__(
        self,
        secret: Mapping[str, Any],
        fetch: Fetch,
        hosts: frozenset[str],
        url: str,
        *,
        renewed: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        self._token = _token(secret)
        self._renewed = renewed
        self._fetch = fetch
        self._hosts = hosts
        self._url = url.rstrip("/")

    def call(self, method: str, parameters: Mapping[str, Any], deadline: int) -> Any:
        """Call a method with parameters as JSON and return its result.

        Raises ChannelRefused, ChannelUnavailable, InDoubt. A refused token means that nothing happened: when the secret
        holds a new one, the call is repeated once.
        """
        body = json.dumps(parameters).encode()
        try:
            return self._call(method, body, "application/json", None, deadline)
        except ChannelRefused as error:
            if not self._has_another_token(error):
                raise
        return self._call(method, body, "application/json", None, deadline)

    def upload(self, method: str, body: Readable, content_type: str, length: int, deadline: int) -> Any:
        """Call a method with a multipart body, a stream of `length` bytes that is used up then; otherwise like `call`.

        Raises ChannelUnavailable when the secret holds a new token: the file must be opened again.
        """
        try:
            return self._call(method, body, content_type, length, deadline)
        except ChannelRefused as error:
            if not self._has_another_token(error):
                raise
        raise ChannelUnavailable("Telegram's bot token was renewed on the way; the file must be opened again")

    def file(self, path: str, deadline: int) -> AbstractContextManager[Response]:
        """Open a file by the `file_path` that `getFile` named. Raises what the fetch port raises, with its causes."""
        address = f"{self._url}/file/bot{self._token}/{quote(path, safe='/')}"
        return self._fetch.open("GET", address, deadline=deadline, headers=_HEADERS, hosts=self._hosts)

    def _has_another_token(self, error: ChannelRefused) -> bool:
        before = self._token
        if error.code in UNAUTHORIZED and self._renewed is not None:
            self._token = _token(self._renewed())
        return self._token != before

    def _call(self, method: str, body: bytes | Readable, content_type: str, length: int | None, deadline: int) -> Any:
        try:
            with self._fetch.open(
                "POST",
                f"{self._url}/bot{self._token}/{method}",
                deadline=deadline,
                headers={**_HEADERS, "content-type": content_type},
                body=body,
                length=length,
                hosts=self._hosts,
            ) as response:
                return _result(response)
        except ChannelUnavailable:
            raise
        except (InDoubt, AddressRefused) as error:
            raise error from None  # what it came from may name the address
        except Unavailable:
            raise ChannelUnavailable("Telegram could not be reached") from None


def sent_id(message: Any) -> str:
    """The id of the message that was sent, as the result of a call. Raises InDoubt where Telegram named none."""
    try:
        return message_id(json_object(message, "message"))
    except InvalidInput:
        raise InDoubt("Telegram took a message and named no id for it") from None


def _token(secret: Mapping[str, Any]) -> str:
    """The bot's token. Raises NotPublished for a secret without one, or with one of another form than BotFather's.

    That form has no character that an address could not hold.
    """
    token = secret.get("bot_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise NotPublished("the Telegram secret has no bot_token of BotFather's form (123456789:ABC...); store one")
    return token


def _result(response: Response) -> Any:
    try:
        body = _read(response)
    except (Unavailable, InDoubt):
        body = b""
    if not 200 <= response.status < 300:
        raise error_for(response.status, response.headers, body)
    try:
        answer = json_object(json.loads(body), "answer")
    except (ValueError, RecursionError, InvalidInput):
        answer = {}
    if answer.get("ok") is False:
        raise error_for(response.status, response.headers, body)
    if answer.get("ok") is not True or "result" not in answer:
        raise InDoubt("Telegram accepted the call, but its answer could not be read")
    return answer["result"]


def _read(response: Response) -> bytes:
    blocks = []
    left = _LARGEST_ANSWER
    while left > 0 and (block := response.read(left)):
        blocks.append(block)
        left -= len(block)
    return b"".join(blocks)
