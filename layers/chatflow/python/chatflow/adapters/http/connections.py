"""Connections that reach only addresses that were vetted, and that end in time."""

from __future__ import annotations

import socket
import threading
import time

from urllib3.connection import HTTPConnection, HTTPSConnection

from chatflow.adapters.http.address_rules import vet
from chatflow.adapters.http.sockets import TimedSocket, TimedTlsSocket

CONNECT_SECONDS = 5.0  # for each address of a host


class GuardedConnection(HTTPConnection):
    """Resolves, vets and connects in one step, so that what was vetted is what is connected to."""

    sock: TimedSocket | TimedTlsSocket
    private = False
    expires = 0.0

    def connect(self) -> None:
        super().connect()
        self.sock.expires = self.expires

    def _new_conn(self) -> socket.socket:
        found = _resolved(self._dns_host, self.port, self.expires - time.monotonic())
        for *_, address in found:
            vet(str(address[0]), self.host, private=self.private)
        fault: OSError = TimeoutError("no time was left to connect")
        for family, kind, protocol, _, address in found:
            sock = TimedSocket(family, kind, protocol)
            sock.expires = min(self.expires, time.monotonic() + CONNECT_SECONDS)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.hurry()
                sock.connect(address)
                sock.expires = self.expires
                sock.hurry()  # the TLS handshake that may follow takes this timeout for its own, as a whole
            except OSError as error:
                sock.close()
                fault = error
            else:
                return sock
        raise fault


class GuardedTlsConnection(GuardedConnection, HTTPSConnection):
    """The same over TLS; SNI and certificate stay those of the host, not of its address."""


_Found = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]]


def _resolved(host: str, port: int, seconds: float) -> _Found:
    """All addresses of a host, within the time: a name server that never answers must not hold us either."""
    outcome: list[_Found | Exception] = []

    def look() -> None:
        try:
            outcome.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))  # type: ignore[arg-type]
        except (OSError, UnicodeError) as error:
            outcome.append(error)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if not outcome or isinstance(outcome[0], Exception):
        raise socket.gaierror(f"{host} could not be resolved")
    return outcome[0]
