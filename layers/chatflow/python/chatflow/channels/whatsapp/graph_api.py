"""Calls Meta's Graph API through the fetch port, with the account's token, which goes to the manifest's hosts only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from chatflow.channels.untrusted_json import json_object
from chatflow.channels.whatsapp.errors import error_for
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, InvalidInput, NotPublished, Unavailable
from chatflow.nodes.ports import Fetch, Readable, Response

_LARGEST_ANSWER = 256 * 1024  # bytes; real ones are below 1 KB
_REDIRECTS = 2
_TOKEN_CODES = frozenset({0, 190})  # Meta considers the token expired or invalid; 0 also when it names no code


class GraphApi:
    """The API at one base URL, with one token at a time. Deadlines are in milliseconds since the epoch.

    `renewed` reads the secret again: a token that Meta refuses may have been rotated since it was read.
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
        self._headers = _headers(secret)
        self._renewed = renewed
        self._fetch = fetch
        self._hosts = hosts
        self._url = url.rstrip("/")

    def call(
        self,
        method: str,
        path: str,
        deadline: int,
        *,
        body: bytes | Readable | None = None,
        content_type: str = "",
        length: int | None = None,
    ) -> dict[str, Any]:
        """Call the API and return its JSON answer. Raises ChannelRefused, ChannelUnavailable, InDoubt.

        A refused token means that nothing happened. When the secret holds a new token, the call is repeated once; when
        its body was a stream, which is used up, ChannelUnavailable is raised instead.
        """
        try:
            return self._call(method, path, deadline, body=body, content_type=content_type, length=length)
        except ChannelRefused as error:
            if error.code not in _TOKEN_CODES or not self._has_another_token():
                raise
        if not (body is None or isinstance(body, bytes)):
            raise ChannelUnavailable("WhatsApp's access token was renewed on the way; the file must be opened again")
        return self._call(method, path, deadline, body=body, content_type=content_type, length=length)

    def _has_another_token(self) -> bool:
        before = self._headers
        if self._renewed is not None:
            self._headers = _headers(self._renewed())
        return self._headers != before

    def _call(
        self,
        method: str,
        path: str,
        deadline: int,
        *,
        body: bytes | Readable | None,
        content_type: str,
        length: int | None,
    ) -> dict[str, Any]:
        try:
            with self._fetch.open(
                method,
                f"{self._url}/{path}",
                deadline=deadline,
                headers={**self._headers, "content-type": content_type} if content_type else self._headers,
                body=body,
                length=length,
                hosts=self._hosts,
            ) as response:
                return _json_answer(response)
        except ChannelUnavailable:
            raise
        except Unavailable:
            raise ChannelUnavailable("WhatsApp could not be reached") from None

    def get(self, url: str, deadline: int) -> AbstractContextManager[Response]:
        """Open an address that Meta named, after checking it with `trusts`. Raises what the fetch port raises."""
        return self._fetch.open(
            "GET", url, deadline=deadline, headers=self._headers, redirects=_REDIRECTS, hosts=self._hosts
        )

    def trusts(self, url: str) -> bool:
        """Whether an address may get the token: it is on a host of the manifest and uses the API's own scheme."""
        try:
            address = urlsplit(url)
            named = {address.netloc, address.hostname} & self._hosts
            return bool(named) and address.scheme == urlsplit(self._url).scheme and "@" not in address.netloc
        except ValueError:
            return False


def _headers(secret: Mapping[str, Any]) -> dict[str, str]:
    token = secret.get("access_token")
    if not isinstance(token, str) or not token:
        raise NotPublished("the WhatsApp secret has no access_token; store one")
    return {"authorization": f"Bearer {token}", "user-agent": "chatflow"}


def _json_answer(response: Response) -> dict[str, Any]:
    try:
        body = _read(response)
    except (Unavailable, InDoubt):
        body = b""
    if not 200 <= response.status < 300:
        raise error_for(response.status, response.headers, body)
    try:
        return json_object(json.loads(body), "answer")
    except (ValueError, RecursionError, InvalidInput):
        raise InDoubt("WhatsApp accepted the call, but its answer could not be read") from None


def _read(response: Response) -> bytes:
    blocks = []
    left = _LARGEST_ANSWER
    while left > 0 and (block := response.read(left)):
        blocks.append(block)
        left -= len(block)
    return b"".join(blocks)
