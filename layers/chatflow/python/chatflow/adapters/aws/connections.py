"""The connections to AWS: one pool in each process, over one TLS context. Decision records 0038 and 0043.

A connection is kept until AWS closes it. One that turns out to be closed is replaced at once, and the call sent again.
What may not be repeated is never sent on a connection that was idle for long.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from chatflow.adapters import tls
from chatflow.adapters.aws.errors import AwsUnreachable
from chatflow.errors import OwnTrouble
from chatflow.streams import BLOCK

# AWS closes idle connections unannounced, each service after a time of its own: S3 was seen to do so after 5 to 20 s
# (https://github.com/JuliaCloud/AWSCore.jl/issues/35, https://github.com/vectordotdev/vector/pull/9703), DynamoDB after
# 60 s (https://github.com/aws/aws-sdk-java/issues/1365), SQS before 90 s
# (https://github.com/aws/aws-sdk-go-v2/issues/3423). What may not be repeated takes no connection that was idle for
# longer than this; an asynchronous client of AWS's own SDK for Java takes such connections for nothing
# (https://github.com/aws/aws-sdk-java-v2/issues/1520).
IDLE_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 3.0
# A peer that vanished is noticed after 35 s, and a gateway that forgets silent connections after 350 s does not forget
# one on which an answer is awaited (https://repost.aws/knowledge-center/lambda-vpc-timeout). Linux has all three.
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
_MOST_IDLE: Final = 10  # connections to one host

Origin = tuple[str, str, int]  # scheme, host and port
_FAULTS: Final = (OSError, HTTPException)  # what a connection may raise
_DROPPED: Final = (ConnectionError, HTTPException, ssl.SSLEOFError, ssl.SSLZeroReturnError)  # when it was closed

# By their origin. Idle times are by the wall clock, since Lambda freezes a process between invocations, and the
# monotonic clock with it.
_idle: dict[Origin, list[tuple[HTTPConnection, float]]] = {}


class Body:
    """The body of an answer, as a stream. Raises AwsUnreachable when it breaks off."""

    def __init__(self, operation: str, response: HTTPResponse, connection: HTTPConnection, origin: Origin) -> None:
        self._operation = operation
        self._response = response
        self._connection: HTTPConnection | None = connection
        self._origin = origin

    def read(self, amount: int | None = None, /) -> bytes:
        try:
            block = self._response.read(amount)
        except _FAULTS as error:
            raise self._broken(type(error).__name__) from error
        self._check_end(ended=not block and amount != 0)
        return block

    def read_into(self, buffer: memoryview, /) -> int:
        try:
            got = self._response.readinto(buffer)
        except _FAULTS as error:
            raise self._broken(type(error).__name__) from error
        self._check_end(ended=not got and len(buffer) > 0)
        return got

    def close(self) -> None:
        """Give the connection back, or close it when something is left to read. Does nothing a second time."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._response.isclosed() and not self._response.length and not self._response.will_close:
            keep(self._origin, connection)
        else:
            connection.close()

    def _check_end(self, *, ended: bool) -> None:
        if ended and self._response.length:
            raise self._broken(f"it ended {self._response.length} bytes early")

    def _broken(self, reason: str) -> AwsUnreachable:
        return AwsUnreachable(self._operation, f"the answer broke off: {reason}", sent=True)


class Answer(NamedTuple):
    """An answer of AWS. The names of `headers` are lower case. `stream` is None unless it was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    stream: Body | None = None


class SignedRequest(NamedTuple):
    """A request as it is sent. `target` is its path and query; `operation` names it in errors.

    `streamed`: leave the body of an answer that is no error to the caller.
    """

    operation: str
    origin: Origin
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | Iterator[memoryview]
    streamed: bool = False


def exchange(request: SignedRequest, *, read_timeout: float, once: bool) -> Answer:
    """Send a request and read its answer. `once`: it may not be repeated. `read_timeout` is in seconds.

    Raises AwsUnreachable without an answer; OwnTrouble when the host's certificate is not trusted, before anything is
    sent. Errors of a body that is a stream pass through.
    """
    operation, origin = request.operation, request.origin
    while True:
        connection = _take(origin, once=once)
        reused = connection.sock is not None
        try:
            if not reused:
                _connect(operation, connection, origin)
            connection.sock.settimeout(read_timeout)
            _send(connection, request)
            response = connection.getresponse()
            if request.streamed and response.status < 300:
                return Answer(response.status, _lower(response), b"", Body(operation, response, connection, origin))
            answer = Answer(response.status, _lower(response), response.read())
        except _FAULTS as error:
            connection.close()
            if reused and not once and isinstance(error, _DROPPED):
                continue  # AWS had closed it: a fresh one says whether AWS can be reached
            timeout = isinstance(error, TimeoutError)
            raise AwsUnreachable(operation, type(error).__name__, sent=True, timeout=timeout) from error
        except BaseException:
            connection.close()
            raise
        if not response.will_close:
            keep(origin, connection)
        return answer


def keep(origin: Origin, connection: HTTPConnection) -> None:
    """Keep a connection whose answer was read to its end."""
    idle = _idle.setdefault(origin, [])
    if len(idle) < _MOST_IDLE:
        idle.append((connection, time.time()))
    else:
        connection.close()


def close_all() -> None:
    """Close what is idle."""
    while _idle:
        for connection, _ in _idle.popitem()[1]:
            connection.close()


def _take(origin: Origin, *, once: bool) -> HTTPConnection:
    """An open connection that is idle, else one that is not connected yet."""
    idle = _idle.get(origin)
    while idle:
        try:
            connection, since = idle.pop()
        except IndexError:  # another thread took it
            break
        if not _is_dropped(connection) and not (once and not 0 <= time.time() - since <= IDLE_SECONDS):
            return connection
        connection.close()
    scheme, host, port = origin
    proxy = _proxy(origin)
    address = (proxy.hostname or "", proxy.port or 80) if proxy else (host, port)
    made: HTTPConnection
    if scheme == "https":
        made = HTTPSConnection(
            *address,
            timeout=CONNECT_SECONDS,
            context=tls.for_aws(os.environ.get(tls.AWS_SETTING, "")),
            blocksize=BLOCK,
        )
        if proxy:
            made.set_tunnel(host, port, _proxy_credentials(proxy.username, proxy.password))
    else:
        made = HTTPConnection(*address, timeout=CONNECT_SECONDS, blocksize=BLOCK)
    return made


def _connect(operation: str, connection: HTTPConnection, origin: Origin) -> None:
    try:
        connection.connect()
        for option in socket_options():
            connection.sock.setsockopt(*option)
    except _FAULTS as error:
        connection.close()
        if reason := tls.distrust(error):
            raise not_trusted(origin[1], reason) from error
        timeout = isinstance(error, TimeoutError)
        raise AwsUnreachable(operation, type(error).__name__, sent=False, timeout=timeout) from error


def socket_options() -> list[tuple[int, int, int]]:
    """What each connection to AWS sets: parameters of `setsockopt`."""
    found = [
        (socket.IPPROTO_TCP, int(getattr(socket, name)), value)
        for name, value in _KEEP_ALIVE.items()
        if hasattr(socket, name)
    ]
    return [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *found]


def not_trusted(host: str, reason: str) -> OwnTrouble:
    """The error for a host of AWS whose certificate was not accepted."""
    return OwnTrouble(
        f"the certificate of {host} is not trusted ({reason}): name a file with the certificate of its authority in "
        f"{tls.AWS_SETTING}, or in ca_bundle when you deploy"
    )


def _send(connection: HTTPConnection, request: SignedRequest) -> None:
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        try:
            connection.putheader(name, value)
        except ValueError:  # its own words repeat the value, which may be the token of a session
            raise ValueError(f"{request.operation} has a value that no header can hold, in {name}") from None
    if isinstance(request.body, bytes):
        connection.endheaders(request.body or None)
        return
    connection.endheaders()
    for block in request.body:
        try:
            connection.send(block)
        except _DROPPED:
            return  # AWS may have answered already, without waiting for the rest


def _lower(response: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _is_dropped(connection: HTTPConnection) -> bool:
    """Whether the other side closed it, or sent more than its answer: nothing is awaited on an idle connection."""
    if getattr(connection.sock, "pending", int)():
        return True  # read from the network already, with the answer's end
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _proxy(origin: Origin) -> SplitResult | None:
    """The proxy that the environment names for this host."""
    if origin[0] != "https" or not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    proxies = getproxies_environment()
    scheme, host, port = origin
    if not proxies.get(scheme) or proxy_bypass_environment(f"{host}:{port}", proxies):
        return None
    found = proxies[scheme]
    proxy = urlsplit(found if "//" in found else f"http://{found}")
    if proxy.scheme != "http":
        raise OwnTrouble(
            f"HTTPS_PROXY names a proxy that is reached by {proxy.scheme}: AWS is called through http:// ones"
        )
    return proxy


def _proxy_credentials(name: str | None, password: str | None) -> dict[str, str]:
    if not name:
        return {}
    import base64

    encoded = base64.b64encode(f"{unquote(name)}:{unquote(password or '')}".encode()).decode()
    return {"Proxy-Authorization": f"Basic {encoded}"}
