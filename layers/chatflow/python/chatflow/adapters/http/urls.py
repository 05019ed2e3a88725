"""Where a URL leads, and whether a call may go there, as far as the URL alone tells.

Pure. What its host resolves to is judged where the connection is made. Refusals name the host, never the rest of a URL.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address
from urllib.parse import quote, urljoin, urlsplit

from chatflow.adapters.http.address_rules import names_this_machine
from chatflow.errors import AddressRefused

PORTS = {"http": 80, "https": 443}
_ALLOWED_PORTS = frozenset({80, 443, 8080, 8443})
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*([a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)"
)
_NUMBER = re.compile(
    r"\d+|0x[0-9a-f]*"
)  # the end of a name that resolvers take for an address, in one notation or other
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_KEPT = "%/:@!$&'()*+,;=~?"  # what a path and query may hold as it is; all else is percent-encoded


@dataclass(frozen=True)
class Target:
    """Where one request goes. `private` says that its host may be internal."""

    scheme: str
    host: str
    port: int
    path: str  # with the query
    private: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def name(self) -> str:
        """The host as lists of hosts write it."""
        return _bracketed(self.host.rstrip("."))

    def moved(self, location: str) -> str:
        """The URL that a redirect from here leads to. Raises AddressRefused for what is no URL."""
        try:
            if _UNSAFE.search(location):  # which `urljoin` would leave out in silence
                raise ValueError
            return urljoin(f"{self.scheme}://{_bracketed(self.host)}:{self.port}{self.path}", location)
        except ValueError:
            raise AddressRefused(f"{self.host} sends on to an address that cannot be read") from None


def target(url: str, private_hosts: Collection[str], hosts: Collection[str] | None = None) -> Target:
    """Where a URL leads. `hosts`, when given, are the only ones; both lists hold `host` or `host:port`.

    Raises AddressRefused. Plain http never leaves this machine.
    """
    if _UNSAFE.search(url):
        raise AddressRefused("the URL holds a control character or a backslash")
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname or ""
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    except ValueError:
        raise AddressRefused("the URL cannot be read") from None
    if scheme not in PORTS or "@" in parts.netloc:
        raise AddressRefused("the URL must begin with https:// and hold no user name")
    if not (_is_ipv6(host) if "[" in parts.netloc else is_host(host)):
        raise AddressRefused("the URL names no host, or one with characters that no host has")
    place = Target(scheme, host, port, path, private=False)
    known = {place.name, f"{place.name}:{port}"}
    private = not known.isdisjoint(private_hosts)
    if hosts is not None and known.isdisjoint(hosts):
        raise AddressRefused(f"{host} is not a host that this call may reach")
    if scheme == "http" and not (private and names_this_machine(host)):
        raise AddressRefused(f"{host} must be called over https")
    if port not in _ALLOWED_PORTS and f"{place.name}:{port}" not in private_hosts:
        raise AddressRefused(f"port {port} of {host} may not be called")
    return replace(place, private=private)


def is_host(host: str) -> bool:
    """Whether this is a name, or an IPv4 address in its one usual spelling.

    127.1, 0x7f.1, 2130706433 and 0177.0.0.1 are addresses too, to some resolvers and not to others.
    """
    found = _NAME.fullmatch(host.removesuffix("."))
    if not found:
        return False
    if not _NUMBER.fullmatch(found[1]):
        return True
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
