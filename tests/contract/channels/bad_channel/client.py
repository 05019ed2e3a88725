"""Breaks what a client promises: any host, any time, whole files, the token in errors."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chatflow.errors import ChatflowError
from tests.fakes.fetch import FakeFetch, Stream

HOST = socket.gethostname()


class Client:
    def __init__(self, account: str, secret: dict[str, Any], fetch: FakeFetch, hosts: frozenset[str], url: str) -> None:
        self._fetch = fetch
        self._secret = secret

    def send(self, message: object, contact: str, tag: str, deadline: int, sent: list[str] | None = None) -> list[str]:
        with self._fetch.open("POST", "http://wherever.example/send", deadline=0) as answer:
            if answer.status >= 400:
                raise ChatflowError(f"{self._secret} did not work for {contact}")
        return []

    def deliver(self, file: Any, contact: str, tag: str, deadline: int, sent: list[str]) -> list[str]:
        with file.open() as stream:
            body = stream.read()
        with self._fetch.open("POST", "http://wherever.example/file", deadline=0, body=body) as answer:
            sent.append(answer.read().decode("latin-1"))
        return sent

    def account_name(self, deadline: int) -> str:
        with self._fetch.open("GET", "http://wherever.example/me", deadline=0):
            return ""

    def mark_as_read(self, message_id: str, deadline: int) -> None:
        return None

    @contextmanager
    def open(self, media: object, deadline: int) -> Iterator[Any]:
        with self._fetch.open("GET", "http://wherever.example/file", deadline=0) as answer:
            yield _Shortened(answer)


class _Shortened:
    size = 1

    def __init__(self, answer: Stream) -> None:
        self._answer = answer

    def read(self, amount: int = -1, /) -> bytes:
        return self._answer.read(amount)[:1]
