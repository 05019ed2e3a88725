"""HTTP connections that reach only checked addresses, and sockets whose every operation ends by one deadline.

A socket's own timeout starts again with each byte, so a server that sends one byte now and then could hold a call
forever. These sockets give each read and write only the time that is left. Headers, chunk lengths and body are all
read through them.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from chatflow.adapters.http.address_rules import check_address

CONNECT_SECONDS = 5.0  # for each address of a host
SLACK_SECONDS = 0.05  # by which an operation may end after its deadline


class _DeadlineMixin(socket.socket):
    expires: float  # by time.monotonic()
    ended = False  # whether the other side has closed its sending direction

    def limit_next_operation(self) -> None:
        """Limit the next operation to the time that is left. Raises TimeoutError when there is none.

        Each setting is a call of the system, and a fast stream has ten thousand operations a second: so one that is
        late by less than SLACK_SECONDS stays.
        """
        left = self.expires - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this call is over")
        limit = self.gettimeout()
        if limit is None or not left <= limit <= left + SLACK_SECONDS:
            self.settimeout(left)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.limit_next_operation()
        received = super().recv_into(*args, **kwargs)
        if not received:
            self.ended = True
        return received

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.limit_next_operation()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.limit_next_operation()
        super().sendall(*args, **kwargs)


class DeadlineSocket(_DeadlineMixin):
    """A plain socket. Set `expires` after creating it."""


class DeadlineTlsSocket(_DeadlineMixin, ssl.SSLSocket):
    """The class that an SSL context wraps sockets into; `expires` applies from the end of the handshake on."""

    expires = float("inf")


class GuardedConnection(HTTPConnection):
    """Resolves, checks and connects in one step, so that the checked address is the one that is connected to."""

    sock: DeadlineSocket | DeadlineTlsSocket
    private = False
    expires = 0.0

    def connect(self) -> None:
        super().connect()
        self.sock.expires = self.expires

    def _new_conn(self) -> socket.socket:
        addresses = _resolve(self._dns_host, self.port, self.expires - time.monotonic())
        for *_, address in addresses:
            check_address(str(address[0]), self.host, private=self.private)
        fault: OSError = TimeoutError("no time was left to connect")
        for family, kind, protocol, _, address in addresses:
            sock = DeadlineSocket(family, kind, protocol)
            sock.expires = min(self.expires, time.monotonic() + CONNECT_SECONDS)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.limit_next_operation()
                sock.connect(address)
                sock.expires = self.expires
                sock.limit_next_operation()  # a TLS handshake that follows takes this timeout for all of its steps
            except OSError as error:
                sock.close()
                fault = error
            else:
                return sock
        raise fault


class GuardedTlsConnection(GuardedConnection, HTTPSConnection):
    """The same over TLS; SNI and certificate are those of the host, not of its address."""


_Addresses = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]]


def _resolve(host: str, port: int, seconds: float) -> _Addresses:
    """All addresses of a host, within `seconds`: a name server that never answers must not hold the call either."""
    outcome: list[_Addresses | Exception] = []

    def resolve() -> None:
        try:
            outcome.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))  # type: ignore[arg-type]
        except (OSError, UnicodeError) as error:
            outcome.append(error)

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if not outcome or isinstance(outcome[0], Exception):
        raise socket.gaierror(f"{host} could not be resolved")
    return outcome[0]
