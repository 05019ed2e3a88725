"""Sockets that do not outlive a moment.

A socket's own timeout begins anew with each byte, so a server that sends one now and then could hold us for ever.
These give each read and write only the time that is left. Reading through them covers headers, chunk lengths and body.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any


class _Timed(socket.socket):
    expires: float  # by time.monotonic()
    ended = False  # whether the other side was seen to send no more

    def hurry(self) -> None:
        """Let the next operation take what is left. Raises TimeoutError when nothing is."""
        left = self.expires - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this call is over")
        self.settimeout(left)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.hurry()
        received = super().recv_into(*args, **kwargs)
        self.ended = self.ended or received == 0
        return received

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.hurry()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.hurry()
        super().sendall(*args, **kwargs)


class TimedSocket(_Timed):
    """A plain one: set `expires` once it is made."""


class TimedTlsSocket(_Timed, ssl.SSLSocket):
    """What a context with this `sslsocket_class` wraps into; `expires` counts from after the handshake."""

    expires = float("inf")
