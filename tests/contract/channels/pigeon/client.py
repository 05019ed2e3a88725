"""Sends pigeons."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from chatflow.channels.connections import Push
from chatflow.channels.retry_after import retry_after
from chatflow.channels.untrusted_json import json_object, required_text
from chatflow.errors import (
    ChannelInDoubt,
    ChannelRefused,
    ChannelUnavailable,
    ChatflowError,
    InDoubt,
    InvalidInput,
    MediaUnavailable,
    Unavailable,
)
from chatflow.messages import IncomingMedia, OutgoingFile, OutgoingMessage, Text
from chatflow.nodes.ports import Fetch, Readable, Response
from chatflow.streams import ExactLengthStream

from .profile import LIMITS
from .rendering import render

_TOO_MANY_REQUESTS = 429
_LARGEST_ANSWER = 64 * 1024  # bytes


class Client:
    def __init__(
        self,
        account: str,
        secret: Mapping[str, Any],
        fetch: Fetch,
        hosts: frozenset[str],
        url: str,
        *,
        renewed: Callable[[], Mapping[str, Any]] | None = None,
        push: Push | None = None,
    ) -> None:
        self._token = secret["token"]
        self._fetch = fetch
        self._hosts = hosts
        self._url = f"{url}/{quote(account)}"
        self._renewed = renewed
        self._push = push

    def send(
        self, message: OutgoingMessage, contact: str, _tag: str, deadline: int, sent: list[str] | None = None
    ) -> list[str]:
        ids = [] if sent is None else sent
        for letter in render(message, contact)[len(ids) :]:
            body = json.dumps(letter).encode()
            ids.append(self._send("/letters", "application/json", body, len(body), deadline))
            if self._push:
                with suppress(Unavailable, InDoubt):  # the letter is on its way: who does not see it now reads it later
                    self._push(body)
        return ids

    def deliver(
        self, file: OutgoingFile, contact: str, _tag: str, deadline: int, sent: list[str] | None = None
    ) -> list[str]:
        ids = [] if sent is None else sent
        if not ids:
            path = f"/parcels?to={quote(contact)}&name={quote(file.filename)}"
            with file.open() as stream:
                parcel = ExactLengthStream(stream, file.size)
                ids.append(self._send(path, file.mime, parcel, file.size, deadline))
        if file.kind in LIMITS.captioned:
            for letter in render(Text(file.caption), contact)[len(ids) - 1 :]:
                body = json.dumps(letter).encode()
                ids.append(self._send("/letters", "application/json", body, len(body), deadline))
        return ids

    def account_name(self, deadline: int) -> str:
        try:
            with self._open("GET", "/loft", deadline) as response:
                return required_text(_answer(response), "name")
        except ChannelRefused:
            raise
        except ChatflowError:
            raise ChannelUnavailable("the loft did not say its name") from None

    @contextmanager
    def open(self, media: IncomingMedia, deadline: int) -> Iterator[Any]:
        try:
            with self._open("GET", f"/parcels/{quote(media.id, safe='')}", deadline) as response:
                if response.status != 200:
                    raise MediaUnavailable("the loft hands over no such parcel", _seconds(response))
                yield _Parcel(response)
        except MediaUnavailable:
            raise
        except (Unavailable, InDoubt):
            raise MediaUnavailable("the loft did not hand over the parcel") from None

    def _send(self, path: str, mime: str, body: bytes | Readable, length: int, deadline: int) -> str:
        try:
            with self._open("POST", path, deadline, mime=mime, body=body, length=length) as response:
                return required_text(_answer(response), "id")
        except ChannelUnavailable:
            raise
        except Unavailable:
            raise ChannelUnavailable("no pigeon could start") from None
        except InvalidInput:
            raise InDoubt("the loft took a letter and named no id for it") from None

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        deadline: int,
        *,
        mime: str = "",
        body: bytes | Readable | None = None,
        length: int | None = None,
    ) -> Iterator[Response]:
        headers = {"authorization": f"Bearer {self._token}", **({"content-type": mime} if mime else {})}
        with self._fetch.open(
            method, self._url + path, deadline=deadline, headers=headers, body=body, length=length, hosts=self._hosts
        ) as response:
            yield response


class _Parcel:
    def __init__(self, response: Response) -> None:
        self._response = response
        self.status, self.headers, self.length = response.status, response.headers, response.length
        self.size, self.sha256, self.mime = response.length or 0, "", ""

    def read(self, amount: int = -1, /) -> bytes:
        return self._response.read(amount)


def _seconds(response: Response) -> float:
    return retry_after(response.headers)


def _answer(response: Response) -> dict[str, Any]:
    if response.status == _TOO_MANY_REQUESTS:
        raise ChannelUnavailable("all pigeons are out", _seconds(response))
    if response.status >= 500:
        raise ChannelInDoubt(f"the loft answered HTTP {response.status}")
    if response.status >= 400:
        raise ChannelRefused(response.status, "the loft takes no such letter")
    try:
        return json_object(json.loads(response.read(_LARGEST_ANSWER)), "the answer")
    except ValueError:
        raise InvalidInput("the loft's answer cannot be read") from None
