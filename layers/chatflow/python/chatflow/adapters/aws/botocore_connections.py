"""The connections of botocore's clients: one pool in each process, over one TLS context. Decision record 0038.

botocore gives each client a pool of its own, and urllib3 reads the whole bundle of authorities into the context again
for each connection that it makes (https://github.com/urllib3/urllib3/issues/3623).

A connection is kept until AWS closes it; botocore repeats a call whose connection turns out to be closed. What may not
be repeated is never sent on a connection that was idle for long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSHTTPSConnectionPool, AWSPreparedRequest
from botocore.exceptions import SSLError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from chatflow.adapters import tls
from chatflow.adapters.aws.connections import CONNECT_SECONDS, IDLE_SECONDS, not_trusted, socket_options
from chatflow.streams import BLOCK

_pools: dict[str, tuple[Any, dict[str, Any]]] = {}  # by the bundle: the pool manager, and those for proxies
_this_thread = threading.local()  # `.once`: the request that it sends may not be repeated


class AwsConnections(URLLib3Session):  # type: ignore[misc]  # botocore has no types
    """What a client of botocore sends its requests with. All instances share their connections.

    `endpoint`: the URL that decides whether the environment's proxy is used. `bundle`: see `tls.for_aws`. `once`: the
    client's calls may not be repeated. `read_timeout` is in seconds.
    """

    _manager: Any
    _proxy_managers: dict[str, Any]

    def __init__(self, endpoint: str, bundle: str, *, read_timeout: float, once: bool) -> None:
        self._context = tls.for_aws(bundle)
        self._once = once
        super().__init__(
            verify=bundle or True,
            timeout=(CONNECT_SECONDS, read_timeout),
            proxies=get_environ_proxies(endpoint),
            socket_options=socket_options(),
        )
        self._pool_classes_by_scheme["https"] = _ConnectionPool
        own = self._manager, self._proxy_managers
        self._manager, self._proxy_managers = _pools.setdefault(bundle, own)

    def send(self, request: AWSPreparedRequest) -> Any:
        """Also raises OwnTrouble when the host's certificate is not trusted. Nothing was sent then."""
        with _sending(request.url, once=self._once):
            return super().send(request)

    def _get_ssl_context(self) -> Any:
        return self._context

    def _setup_ssl_cert(self, conn: Any, *_: Any) -> None:
        """With `ca_certs`, urllib3 would read a bundle for each connection. The context has its authorities already."""
        conn.cert_reqs, conn.ca_certs = "CERT_REQUIRED", None

    def _setup_proxy_ssl_context(self, *_: Any) -> Any:
        return self._context

    def _get_pool_manager_kwargs(self, **more: Any) -> dict[str, Any]:
        return super()._get_pool_manager_kwargs(**{"blocksize": BLOCK, **more})  # type: ignore[no-any-return]

    def _get_request_timeout(self, request: Any) -> Any:
        """The pool's own timeouts are those of the instance that made it."""
        return super()._get_request_timeout(request) or self._timeout


class _ConnectionPool(AWSHTTPSConnectionPool):  # type: ignore[misc]
    """Hands out no connection that was idle for more than IDLE_SECONDS for a request that may not be repeated.

    By the wall clock, since Lambda freezes a process between invocations, and the monotonic clock with it.
    """

    def _put_conn(self, conn: Any) -> None:
        if conn:
            conn.idle_since = time.time()
        super()._put_conn(conn)

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)
        if _this_thread.once and not 0 <= time.time() - getattr(conn, "idle_since", 0.0) <= IDLE_SECONDS:
            conn.close()  # it connects anew when it is used
        return conn


@contextmanager
def _sending(url: str, *, once: bool) -> Iterator[None]:
    _this_thread.once = once
    try:
        yield
    except (SSLError, HTTPError) as error:
        if not (reason := tls.distrust(error)):
            raise
        raise not_trusted(urlsplit(url).hostname or "", reason) from error
