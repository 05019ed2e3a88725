"""Creates HTTP clients. Timeouts exceed those of the API; a deployment on this machine is called without a proxy."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_CONNECT_TIMEOUT = 10.0  # seconds
_READ_TIMEOUT = 40.0  # seconds: an HTTP API of API Gateway gives up after 30
_USER_AGENT = "chatflow-command-line"


def http_client(url: str, *, read_timeout: float = _READ_TIMEOUT) -> httpx.Client:
    """A client for calls to this address. It follows no redirects."""
    import httpx

    return httpx.Client(
        timeout=httpx.Timeout(read_timeout, connect=_CONNECT_TIMEOUT),
        trust_env=not is_loopback(url),
        headers={"User-Agent": _USER_AGENT},
        follow_redirects=False,
    )


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
