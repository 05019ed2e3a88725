"""Which addresses a call may reach: judged by the URL, then by every address that its host resolves to.

Pure. An address inside the network is refused unless its host was explicitly allowed, and even then never the link
(where cloud metadata lives), a multicast group or "any address". Refusals name the host, never the rest of the URL.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

from chatflow.errors import AddressRefused

PORTS = {"http": 80, "https": 443}
_ALLOWED_PORTS = frozenset({80, 443, 8080, 8443})
_HOST = re.compile(r"[a-z0-9_.-]{1,253}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_KEPT = "%/:@!$&'()*+,;=~?"  # what a path and query may hold as it is; all else is percent-encoded

# What `is_global` lets through in some Python or other: IANA's special-purpose registries, and relays that reach IPv4.
_NEVER = [
    ip_network(each)
    for each in (
        "100.64.0.0/10",  # shared by carriers
        "168.63.129.16/32",  # Azure's platform
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",
        "2001::/23",  # Teredo among others
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]
_GLOBAL_V6 = ip_network("2000::/3")  # the only part of IPv6 that is given out; NAT64 and site-local lie outside


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

    def moved(self, location: str) -> str:
        """The URL that a redirect from here leads to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return urljoin(f"{self.scheme}://{host}:{self.port}{self.path}", location)


def target(url: str, private_hosts: Collection[str], hosts: Collection[str] | None = None) -> Target:
    """Where a URL leads. `hosts`, when given, are the only ones; both lists hold `host` or `host:port`.

    Raises AddressRefused. Plain http leads to private hosts only.
    """
    if _UNSAFE.search(url):
        raise AddressRefused("the URL holds a control character or a backslash")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    except ValueError:
        raise AddressRefused("the URL cannot be read") from None
    if scheme not in PORTS or "@" in parts.netloc:
        raise AddressRefused("the URL must begin with https:// and hold no user name")
    if not (_is_ipv6(host) if "[" in parts.netloc else _HOST.fullmatch(host)):
        raise AddressRefused("the URL names no host, or one with characters that no host has")
    known = {host.rstrip("."), f"{host.rstrip('.')}:{port}"}
    private = not known.isdisjoint(private_hosts)
    if hosts is not None and known.isdisjoint(hosts):
        raise AddressRefused(f"{host} is not a host that this call may reach")
    if scheme == "http" and not private:
        raise AddressRefused(f"{host} must be called over https")
    if port not in _ALLOWED_PORTS and f"{host}:{port}" not in private_hosts:
        raise AddressRefused(f"port {port} of {host} may not be called")
    return Target(scheme, host, port, path, private)


def vet(address: str, host: str, *, private: bool) -> None:
    """Refuse an address that `host` resolved to, unless it lies in public or the host is allowed to be `private`."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:  # first: else every such address looks internal
        found = found.ipv4_mapped
    never = found.is_link_local or found.is_multicast or found.is_unspecified
    if never or not (private or _is_public(found)):
        raise AddressRefused(f"{host} leads to an address that may not be called")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    inside = any(address in network for network in _NEVER)
    return address.is_global and not (address.is_multicast or address.is_reserved or inside)


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False
