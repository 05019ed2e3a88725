"""A server on loopback that keeps its connections and whose answers a test writes byte by byte; a proxy before it."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request. `connection` and `place`, on that connection, count from 1."""

    connection: int
    place: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class KeptServer:
    port: int
    scheme: str
    requests: list[Received] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


# What is sent for a request; None, or a false second value: the connection ends then.
Answering = Callable[[Received], bytes | tuple[bytes, bool] | None]


def http(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    """An answer with the length of its body."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines))
    return head.encode() + b"\r\n" + body


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + coded


@contextmanager
def keeping(
    answering: Answering, context: ssl.SSLContext | None = None, *, reads_body: bool = True
) -> Iterator[KeptServer]:
    """Serves within the block. `reads_body` False answers before the body is read, which is then thrown away."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = KeptServer(listening.getsockname()[1], "https" if context else "http")
        lock = threading.Lock()

        def serve(sock: socket.socket) -> None:
            with suppress(OSError), sock:
                wrapped = context.wrap_socket(sock, server_side=True) if context else sock
                with wrapped:
                    with lock:
                        server.connections += 1
                        number = server.connections
                    stream = wrapped.makefile("rb")
                    place = 0
                    while request := _received(stream, number, place := place + 1, reads_body=reads_body):
                        with lock:
                            server.requests.append(request)
                        said = answering(request)
                        data, stays = said if isinstance(said, tuple) else (said, said is not None)
                        wrapped.sendall(data or b"")
                        if not reads_body:
                            wrapped.shutdown(socket.SHUT_WR)
                            while stream.read(65_536):
                                pass
                            return
                        if not stays:
                            return

        _accepting(listening, serve)
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _accepting(listening: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listening.accept()
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _received(stream: Any, connection: int, place: int, *, reads_body: bool) -> Received | None:
    start = stream.readline().decode("latin-1").split()
    if len(start) < 2:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0"))) if reads_body else b""
    return Received(connection, place, start[0], start[1], headers, body)


@contextmanager
def tunnelling(answer: bytes = b"HTTP/1.1 200 Connected\r\n\r\n") -> Iterator[tuple[int, list[str]]]:
    """A proxy for CONNECT: its port, and the heads of the requests that it got."""
    heads: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve(sock: socket.socket) -> None:
            with suppress(OSError), sock:
                head = b""
                while not head.endswith(b"\r\n\r\n") and (got := sock.recv(1)):
                    head += got
                heads.append(head.decode())
                sock.sendall(answer)
                if b" 200 " not in answer:
                    return
                host, _, port = heads[-1].split()[1].rpartition(":")
                with socket.create_connection((host, int(port))) as further:
                    ends = {sock: further, further: sock}
                    while True:
                        for ready in select.select(list(ends), [], [])[0]:
                            if not (block := ready.recv(65_536)):
                                return
                            ends[ready].sendall(block)

        _accepting(listening, serve)
        try:
            yield listening.getsockname()[1], heads
        finally:
            listening.shutdown(socket.SHUT_RDWR)
