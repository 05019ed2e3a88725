"""The guarded fetch: every HTTP call to an address that a flow or a channel names. Reasons: decision record 0006.

Each call opens one connection, without pool, retries, proxy or settings from the environment. So it is always known
whether a failure came before anything was sent (Unavailable) or after (InDoubt).
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPException

from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from chatflow.adapters.http.address_rules import Target, parse_target
from chatflow.adapters.http.connections import DeadlineTlsSocket, GuardedConnection, GuardedTlsConnection
from chatflow.adapters.http.multipart import Encoder, is_encoder, pieces
from chatflow.adapters.response_bodies import read_body_into
from chatflow.adapters.tls import distrust, for_hosts
from chatflow.errors import AddressRefused, ChatflowError, InDoubt, Refused, Unavailable
from chatflow.nodes.ports import Readable
from chatflow.streams import BLOCK, ExactLengthStream, blocks

_FAULTS = (OSError, HTTPError, HTTPException)  # what a connection may raise
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CROSS_ORIGIN_HEADERS = frozenset({"accept", "accept-language", "range", "user-agent"})  # others may be credentials
_RESERVED_HEADERS = frozenset(  # the framing of a message is never the caller's to set
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE_BREAK = re.compile(r"[\x00\r\n]")

logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # its warnings show whole URLs, including secrets


class StreamedResponse:
    """An HTTP response whose body is still to come. Header names are lower case. Raises InDoubt when it breaks off.

    Compression is never requested, but some servers compress anyway: `amount` then counts decompressed bytes, so that a
    decompression bomb cannot grow in memory.
    """

    def __init__(self, raw: HTTPResponse) -> None:
        self._raw = raw
        self.status = raw.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in raw.headers.items()}
        self._compressed = self.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
        self.length = None if self._compressed else raw.length_remaining

    def read(self, amount: int = -1, /) -> bytes:
        try:
            return self._raw.read(amount if amount >= 0 else None, decode_content=self._compressed)
        except _FAULTS as error:
            raise InDoubt(f"the answer broke off: {type(error).__name__}") from error

    def read_into(self, buffer: memoryview, /) -> int:
        if self._compressed:
            block = self.read(len(buffer))
            buffer[: len(block)] = block
            return len(block)
        try:
            return read_body_into(self._raw, buffer)
        except _FAULTS as error:
            raise InDoubt(f"the answer broke off: {type(error).__name__}") from error

    def close(self) -> None:
        self._raw.close()


class GuardedFetch:
    """Implements the port `chatflow.nodes.ports.Fetch`.

    `private_hosts` (host or host:port) may be internal; see `address_rules`. `tls` replaces the process's own
    context. Raises ValueError for a context that does not verify certificates and host names.
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
    ) -> Iterator[StreamedResponse]:
        """See the port. Also raises Refused for headers that cannot be sent; a source's own errors pass through."""
        expires = time.monotonic() + deadline / 1000 - time.time()
        sent_headers = request_headers(headers or {})
        content = body if body is None or isinstance(body, bytes) else _whole(body, length)
        left = redirects if method == "GET" and body is None else 0
        target = parse_target(url, self._private_hosts, hosts)
        while True:
            connection = self._connect(target, expires)
            with ExitStack() as opened:
                opened.callback(connection.close)
                response = _exchange(connection, method, target, sent_headers, content)
                opened.callback(response.close)
                location = response.headers.get("location")
                if not (left and location and response.status in _REDIRECTS):
                    yield response
                    return
            left -= 1
            previous, target = target, parse_target(target.redirected(location), self._private_hosts, hosts)
            _check_redirect(previous, target)
            if target.origin != previous.origin:
                sent_headers = {name: value for name, value in sent_headers.items() if name in _CROSS_ORIGIN_HEADERS}

    def _connect(self, target: Target, expires: float) -> GuardedConnection:
        connection: GuardedConnection
        if target.scheme == "https":
            connection = GuardedTlsConnection(
                target.host, target.port, blocksize=BLOCK, ssl_context=_with_deadlines(self._tls or for_hosts())
            )
        else:
            connection = GuardedConnection(target.host, target.port, blocksize=BLOCK)
        connection.private, connection.expires = target.private, expires
        try:
            connection.connect()
        except _FAULTS as error:
            connection.close()
            if reason := distrust(error):
                raise Unavailable(f"the certificate of {target.host} is not trusted: {reason}") from error
            raise Unavailable(f"{target.host} could not be reached: {type(error).__name__}") from error
        except BaseException:
            connection.close()
            raise
        return connection


def request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are sent, names in lower case, without those that frame a message.

    Raises Refused for a name that is no header name, and for a value with a line break or outside Latin-1.
    """
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or _LINE_BREAK.search(value) or not _is_latin1(value):
            raise Refused(f"the header {name!r} cannot be sent as it is")
    own = {name.lower(): value for name, value in headers.items() if name.lower() not in _RESERVED_HEADERS}
    return {"user-agent": "chatflow", **own, "accept-encoding": "identity"}


def _is_latin1(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _with_deadlines(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = DeadlineTlsSocket
    return context


def _check_redirect(previous: Target, target: Target) -> None:
    """Private hosts are allowed to the authors of flows, not to a server outside that redirects to them."""
    if target.scheme == "http" and previous.scheme == "https":
        raise AddressRefused(f"{previous.host} sends on to a plain http address")
    if target.private and not previous.private:
        raise AddressRefused(f"{previous.host} lies outside and sends on to a host that may lie inside")


def _exchange(
    connection: GuardedConnection,
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: bytes | ExactLengthStream | Encoder | None,
) -> StreamedResponse:
    framing: Mapping[str, str] = {}
    content: bytes | Iterator[bytes | memoryview] | None
    if body is None or isinstance(body, bytes):
        content = body
    else:
        framing = {"content-length": str(body.len)}
        content = blocks(body) if isinstance(body, ExactLengthStream) else pieces(body)
    try:
        connection.request(
            method,
            target.path,
            content,  # type: ignore[arg-type]  # urllib3 sends any buffers
            {**headers, **framing},
            preload_content=False,
            decode_content=False,
        )
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server may have answered already, without waiting for the rest of the body
    except ChatflowError:
        raise  # the source of the body failed: an unfinished request has no effect
    except _FAULTS as error:
        raise InDoubt(f"the request to {target.host} broke off: {type(error).__name__}") from error
    sock = connection.sock
    try:
        response = StreamedResponse(connection.getresponse())
    except _FAULTS as error:
        raise InDoubt(f"{target.host} gave no answer: {type(error).__name__}") from error
    if sock.ended:  # http.client takes a truncated head for a whole one, and a truncated 200 for an empty one
        response.close()
        raise InDoubt(f"the head of an answer of {target.host} broke off")
    return response


def _whole(body: Readable, length: int | None) -> ExactLengthStream | Encoder:
    if length is None:
        raise ValueError("a body that is a stream needs its length")
    if is_encoder(body) and body.len == length:
        return body
    return ExactLengthStream(body, length)
