"""Records the requests that are really sent and the responses that come back, around the port `Fetch`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatflow.adapters.http.fetch import request_headers
from chatflow.errors import ChatflowError, Refused
from chatflow.integrations.response_mapping import ANSWER_LIMIT
from chatflow.nodes.ports import Fetch, Readable, Response


@dataclass
class Exchange:
    """One attempt. `status` 0: there was no response. `body` is cut at the limit of an answer."""

    method: str
    url: str
    headers: dict[str, str]
    length: int
    status: int = 0
    response_headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    seconds: float = 0.0


class RecordingFetch:
    """Implements the port `Fetch` and records its exchanges in order."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.exchanges: list[Exchange] = []

    @property
    def last(self) -> Exchange | None:
        return self.exchanges[-1] if self.exchanges else None

    @contextmanager
    def open(
        self,
        method: str,
        url: str,
        *,
        deadline: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | Readable | None = None,
        length: int | None = None,
        redirects: int = 0,
        hosts: frozenset[str] | None = None,
    ) -> Iterator[Response]:
        """See the port."""
        size = length if length is not None else len(body) if isinstance(body, bytes) else 0
        exchange = Exchange(method, url, _as_sent(headers or {}), size)
        self.exchanges.append(exchange)
        started = time.monotonic()
        try:
            with self._fetch.open(
                method,
                url,
                deadline=deadline,
                headers=headers,
                body=body,
                length=length,
                redirects=redirects,
                hosts=hosts,
            ) as response:
                exchange.status, exchange.response_headers = response.status, _readable(response.headers)
                yield _Recorded(response, exchange)
        except ChatflowError as error:
            exchange.error = str(error)
            raise
        finally:
            exchange.seconds = time.monotonic() - started


class _Recorded:
    """A response that is recorded while it is read."""

    def __init__(self, response: Response, exchange: Exchange) -> None:
        self._response = response
        self._exchange = exchange
        self.status = response.status
        self.headers = response.headers
        self.length = response.length

    def read(self, amount: int = -1, /) -> bytes:
        block = self._response.read(amount)
        space = ANSWER_LIMIT - len(self._exchange.body)
        if space > 0:
            self._exchange.body += block[:space]
        return block


def _as_sent(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        return _readable(request_headers(headers))
    except Refused:
        return _readable(headers)  # the port refuses them, with the reason


def _readable(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with UTF-8 values, which HTTP libraries decode as Latin-1."""
    return {name: _as_utf8(value) for name, value in headers.items()}


def _as_utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
