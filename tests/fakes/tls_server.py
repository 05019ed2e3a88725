"""A real TLS server on loopback that keeps its connections, and counts handshakes and requests."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.certificates import Certificates


@dataclass(frozen=True)
class Received:
    """A request. `connection` counts from 1."""

    connection: int
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the server says. It closes the connection afterwards if `closes`."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    closes: bool = False


Answering = Callable[[Received], Answer | None]  # None: the connection ends without an answer


@dataclass
class TlsServer:
    port: int
    handshakes: int = 0
    requests: list[Received] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}"


@contextmanager
def serving_tls(certificates: Certificates, answering: Answering) -> Iterator[TlsServer]:
    """Serves within the block, with the certificate of 127.0.0.1 and localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = TlsServer(listening.getsockname()[1])

        def serve(sock: socket.socket) -> None:
            with suppress(OSError), context.wrap_socket(sock, server_side=True) as secured:
                server.handshakes += 1
                number = server.handshakes
                stream = secured.makefile("rb")
                while (request := _received(stream, number)) and (answer := _answer(server, request, answering)):
                    lines = [f"HTTP/1.1 {answer.status} OK", f"Content-Length: {len(answer.body)}"]
                    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
                    lines += ["Connection: close"] if answer.closes else []
                    secured.sendall("\r\n".join([*lines, "", ""]).encode() + answer.body)
                    if answer.closes:
                        return

        def accept() -> None:
            while True:
                try:
                    sock, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join(5)


def _answer(server: TlsServer, request: Received, answering: Answering) -> Answer | None:
    server.requests.append(request)
    return answering(request)


def _received(stream: Any, connection: int) -> Received | None:
    start = stream.readline().decode("latin-1").split()
    if len(start) < 2:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Received(connection, start[0], start[1], headers, stream.read(int(headers.get("content-length", "0"))))
