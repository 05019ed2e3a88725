"""How a connection is opened: patient enough for the API, and past any proxy when the deployment is on this machine."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_CONNECT = 10.0  # seconds
_ANSWER = 40.0  # seconds: an HTTP API gives up after 30
_VERSION = "chatflow-command-line"


def opened(url: str, *, answer_within: float = _ANSWER) -> httpx.Client:
    """A client for this address."""
    import httpx

    return httpx.Client(
        timeout=httpx.Timeout(answer_within, connect=_CONNECT),
        trust_env=not on_this_machine(url),
        headers={"User-Agent": _VERSION},
        follow_redirects=False,
    )


def on_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
