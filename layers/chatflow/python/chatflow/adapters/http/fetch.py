"""The one way out: every HTTP call to an address that a flow or a channel names. Why our own: decision record 0006.

One connection a call: no pool, no retry, no proxy, nothing from the environment. So it is always known whether a
failure came before anything was sent (Unavailable) or after (InDoubt).
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache

from chatflow.adapters.exact_length_stream import BLOCK, Measured
from chatflow.adapters.http.connections import GuardedConnection, GuardedTlsConnection
from chatflow.adapters.http.headers import framed, harmless
from chatflow.adapters.http.sockets import TimedTlsSocket
from chatflow.adapters.http.streamed_response import FAULTS, StreamedAnswer
from chatflow.adapters.http.urls import Target, target
from chatflow.errors import AddressRefused, ChatflowError, InDoubt, Unavailable
from chatflow.nodes.ports import Readable

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # its warnings show whole URLs, secrets and all


class GuardedFetch:
    """The port `chatflow.nodes.ports.Fetch`. `private_hosts` (host or host:port) may be internal; see `addresses`.

    `tls` takes the place of what the system trusts. Raises ValueError for one that would trust anybody.
    """

    def __init__(self, private_hosts: frozenset[str] = frozenset(), tls: ssl.SSLContext | None = None) -> None:
        if tls and not (tls.verify_mode == ssl.CERT_REQUIRED and tls.check_hostname):
            raise ValueError("certificates are always checked, and the names in them")
        self._private_hosts = private_hosts
        self._tls = tls

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
    ) -> Iterator[StreamedAnswer]:
        """See the port. Also raises Refused for headers that cannot be sent; a source's own errors pass through."""
        expires = time.monotonic() + deadline / 1000 - time.time()
        sent_headers = framed(headers or {})
        content = body if body is None or isinstance(body, bytes) else _measured(body, length)
        left = redirects if method == "GET" and body is None else 0
        place = target(url, self._private_hosts, hosts)
        while True:
            connection = self._connected(place, expires)
            with ExitStack() as opened:
                opened.callback(connection.close)
                answer = _exchange(connection, method, place, sent_headers, content)
                opened.callback(answer.close)
                location = answer.headers.get("location")
                if not (left and location and answer.status in _REDIRECTS):
                    yield answer
                    return
            left -= 1
            here, place = place, target(place.moved(location), self._private_hosts, hosts)
            _check_move(here, place)
            if place.origin != here.origin:
                sent_headers = harmless(sent_headers)

    def _connected(self, place: Target, expires: float) -> GuardedConnection:
        connection: GuardedConnection
        if place.scheme == "https":
            connection = GuardedTlsConnection(
                place.host, place.port, blocksize=BLOCK, ssl_context=_timed(self._tls or _trusted())
            )
        else:
            connection = GuardedConnection(place.host, place.port, blocksize=BLOCK)
        connection.private, connection.expires = place.private, expires
        try:
            connection.connect()
        except FAULTS as error:
            connection.close()
            raise Unavailable(f"{place.host} could not be reached: {type(error).__name__}") from error
        except BaseException:
            connection.close()
            raise
        return connection


@cache
def _trusted() -> ssl.SSLContext:
    """What the system trusts, read once a process."""
    return ssl.create_default_context()


def _timed(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = TimedTlsSocket
    return context


def _check_move(here: Target, place: Target) -> None:
    """What an operator allowed to the authors of flows, no stranger may send us to."""
    if place.scheme == "http" and here.scheme == "https":
        raise AddressRefused(f"{here.host} sends on to a plain http address")
    if place.private and not here.private:
        raise AddressRefused(f"{here.host} lies outside and sends on to a host that may lie inside")


def _exchange(
    connection: GuardedConnection,
    method: str,
    place: Target,
    headers: Mapping[str, str],
    body: bytes | Measured | None,
) -> StreamedAnswer:
    framing = {"content-length": str(body.len)} if isinstance(body, Measured) else {}
    try:
        connection.request(
            method,
            place.path,
            body,  # type: ignore[arg-type]  # urllib3 needs no more of it than read()
            {**headers, **framing},
            preload_content=False,
            decode_content=False,
        )
    except (BrokenPipeError, ConnectionResetError):
        pass  # it may have answered already, without waiting for the rest of the body
    except ChatflowError:
        raise  # the source of the body failed: an unfinished request has no effect
    except FAULTS as error:
        raise InDoubt(f"the request to {place.host} broke off: {type(error).__name__}") from error
    wire = connection.sock
    try:
        answer = StreamedAnswer(connection.getresponse())
    except FAULTS as error:
        raise InDoubt(f"{place.host} gave no answer: {type(error).__name__}") from error
    if wire.ended:  # http.client takes half a head for a whole one, and a broken 200 for an empty one
        answer.close()
        raise InDoubt(f"the head of an answer of {place.host} broke off")
    return answer


def _measured(body: Readable, length: int | None) -> Measured:
    if length is None:
        raise ValueError("a body that is a stream needs its length")
    return Measured(body, length)
