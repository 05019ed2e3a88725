"""Ways in which a business's API fails, for `tests.fakes.http_server`."""

from __future__ import annotations

from tests.fakes.http_server import Answering, Request, Wire


def in_turn(*steps: Answering) -> Answering:
    """One behaviour for each request; the last one is repeated."""
    left = list(steps)

    def answer(request: Request, wire: Wire) -> None:
        step = left.pop(0) if len(left) > 1 else left[0]
        step(request, wire)

    return answer


def stalls(_request: Request, wire: Wire) -> None:
    """Reads everything, and never answers."""
    wire.stopped.wait(60)


def cuts(_request: Request, _wire: Wire) -> None:
    """Reads everything, then closes the connection: the request may have taken effect."""


def breaks_off(body: bytes, promised: int) -> Answering:
    """Announces a longer body than it sends."""
    return lambda _request, wire: wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % promised + body)


def drips_headers(_request: Request, wire: Wire) -> None:
    """A header that takes very long, one byte at a time."""
    wire.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000)


def drips_body(_request: Request, wire: Wire) -> None:
    """A body that takes very long, one byte at a time."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    wire.drip(b" " * 10_000)


def never_ends(_request: Request, wire: Wire) -> None:
    """A body without a length, for as long as the client reads."""
    wire.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not wire.stopped.is_set():
        wire.send(b" " * 65_536)
