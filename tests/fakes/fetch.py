"""The fetch port in memory: checks hosts as the real one does, and records the requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chatflow.errors import AddressRefused
from chatflow.nodes.ports import Readable

BLOCK = 64 * 1024


@dataclass
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    deadline: int
    hosts: frozenset[str] | None
    redirects: int

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass
class Reply:
    """An HTTP response. `breaks` is raised after the body was read, like a connection that is cut."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: Exception | None = None
    closed: bool = False


class Stream:
    """The response as the client gets it: a chatflow.nodes.ports.Response."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.position = 0
        self.status = reply.status
        self.headers = reply.headers
        self.length: int | None = len(reply.body)

    def read(self, amount: int = -1, /) -> bytes:
        end = len(self.reply.body) if amount < 0 else self.position + min(amount, BLOCK)
        block = self.reply.body[self.position : end]
        self.position += len(block)
        if not block and self.reply.breaks:
            raise self.reply.breaks
        return block


class FakeFetch:
    """Calls `answer` for each request; an exception that it returns is raised instead of a response."""

    def __init__(self, answer: Callable[[Request], Reply | Exception]) -> None:
        self._answer = answer
        self.requests: list[Request] = []
        self.replies: list[Reply] = []

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
    ) -> Iterator[Stream]:
        if hosts is not None and not {urlsplit(url).hostname, urlsplit(url).netloc} & hosts:
            raise AddressRefused("not one of the hosts")
        request = Request(method, url, headers or {}, _sent(body, length), deadline, hosts, redirects)
        self.requests.append(request)
        reply = self._answer(request)
        if isinstance(reply, Exception):
            raise reply
        self.replies.append(reply)
        try:
            yield Stream(reply)
        finally:
            reply.closed = True


def _sent(body: bytes | Readable | None, length: int | None) -> bytes:
    if body is None or isinstance(body, bytes):
        return body or b""
    assert length is not None, "a stream needs a length"
    blocks = []
    while block := body.read(BLOCK):
        blocks.append(block)
    sent = b"".join(blocks)
    assert len(sent) == length, "the announced length is the length that was sent"
    return sent
