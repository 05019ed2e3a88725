"""A real HTTP server on loopback whose answers a test scripts, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Request:
    """A received request. `body` may be shorter than announced when the client gave up."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Wire:
    """The connection, for an answer of any shape."""

    sock: socket.socket
    stopped: threading.Event

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, every: float = 0.02) -> None:
        """A byte now and then, until the test is over."""
        for place in range(len(data)):
            if self.stopped.wait(every):
                return
            self.sock.sendall(data[place : place + 1])


Answering = Callable[[Request, Wire], None]


@dataclass
class Server:
    port: int
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    @property
    def private(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}"})

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def says(body: bytes = b"", status: str = "200 OK", **headers: str) -> Answering:
    """An ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda _request, wire: wire.send(head + body)


@contextmanager
def serving(answering: Answering, *, tls: ssl.SSLContext | None = None, reads_body: bool = True) -> Iterator[Server]:
    """Serves within the block, one request per connection. `reads_body` False answers before the body is read."""
    stopped = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening.getsockname()[1])

        def serve(sock: socket.socket) -> None:
            with sock, suppress(OSError):
                wrapped = tls.wrap_socket(sock, server_side=True) if tls else sock
                with wrapped:
                    request = _read(wrapped, server, reads_body=reads_body)
                    if request:
                        answering(request, Wire(wrapped, stopped))

        def accept() -> None:
            while True:
                try:
                    sock, _ = listening.accept()
                except OSError:
                    return
                server.connections += 1
                thread = threading.Thread(target=serve, args=(sock,), daemon=True)
                threads.append(thread)
                thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
    accepting.join(5)
    for thread in threads:
        thread.join(5)


def _read(sock: socket.socket, server: Server, *, reads_body: bool) -> Request | None:
    stream = sock.makefile("rb")
    start = stream.readline().decode("latin-1").split()
    if len(start) < 2:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    request = Request(start[0], start[1], headers)
    server.requests.append(request)
    if reads_body:
        with suppress(OSError):
            request.body = stream.read(int(headers.get("content-length", "0")))
    return request
