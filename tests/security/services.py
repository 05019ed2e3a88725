"""What listens inside the namespace: one server for every address there is, so that none is safe for want of a route.

Whom a connection was meant for is told by its own end of it. Whatever is not one of the public addresses is internal,
and a connection to it is a hit, even if nothing is ever said on it.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import unquote

PORTS = (22, 80, 443, 3128, 5001, 6379, 8080, 8443, 9001)
_TLS_HELLO = b"\x16"


class Services:
    """`hits` are the connections to internal addresses, `said` what was asked of public ones, each with its headers."""

    def __init__(self, public: Collection[str], certificate: ssl.SSLContext) -> None:
        self.hits: list[str] = []
        self.said: list[tuple[str, Mapping[str, str]]] = []
        self._public = public
        self._certificate = certificate
        for port in PORTS:
            listening = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
            threading.Thread(target=self._listen, args=(listening,), daemon=True).start()

    def _listen(self, listening: socket.socket) -> None:
        while True:
            connection, _ = listening.accept()
            here = ip_address(connection.getsockname()[0].partition("%")[0])
            address = str(getattr(here, "ipv4_mapped", None) or here)
            if address not in self._public:
                self.hits.append(f"{address}:{listening.getsockname()[1]}")
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: str) -> None:
        connection.settimeout(5)
        with connection, suppress(OSError):
            if connection.recv(1, socket.MSG_PEEK) == _TLS_HELLO:
                connection = self._certificate.wrap_socket(connection, server_side=True)
            with connection:
                line, headers = _read(connection)
                if address in self._public:
                    self.said.append((line, headers))
                connection.sendall(self._answer(line, address))

    def _answer(self, line: str, address: str) -> bytes:
        """`/to/<status>/<url>` sends on, `/chain/<n>` n times; all else says who was reached."""
        _, path, *_ = [*line.split(" "), "", ""]
        if path.startswith("/to/"):
            status, _, location = path.removeprefix("/to/").partition("/")
            return _redirect(status, unquote(location))
        if path.startswith("/chain/") and (left := int(path.removeprefix("/chain/"))):
            return _redirect("302", f"/chain/{left - 1}")
        if path == "/busy":
            return b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        body = (b"public" if address in self._public else b"SECRET") + b" " + address.encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)


def _redirect(status: str, location: str) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def _read(connection: socket.socket) -> tuple[str, dict[str, str]]:
    read = b""
    while b"\r\n\r\n" not in read and (block := connection.recv(65536)):
        read += block
    head, _, body = read.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    while len(body) < int(headers.get("content-length", 0)) and (block := connection.recv(65536)):
        body += block
    return line, headers
