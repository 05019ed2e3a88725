"""Which URLs and which resolved addresses a call may reach. Pure.

`parse_target` checks a URL, as far as the URL alone allows. `check_address` checks each address that its host resolves
to, where the connection is made. Refusals name the host, never the rest of a URL.

An address inside the network is refused unless its host was explicitly allowed. Even then it must lie in a range that
businesses use for their own networks: never a platform's address (link-local, metadata), and this machine only by its
own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

from chatflow.errors import AddressRefused

PORTS = {"http": 80, "https": 443}
_ALLOWED_PORTS = frozenset({80, 443, 8080, 8443})
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*([a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)"
)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a last label that some resolvers take for part of an address
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_UNQUOTED = "%/:@!$&'()*+,;=~?"  # stay as they are in a path and a query; everything else is percent-encoded

# What `is_global` accepts in some Python versions: IANA's special-purpose registries, and relays that reach IPv4.
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
# Ranges that businesses use for their networks, and the addresses in them that belong to platforms.
_BUSINESS_NETWORKS = [
    ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
_PLATFORMS = [
    ip_network(each)
    for each in (
        "100.100.100.200/32",  # Alibaba's metadata
        "fd00:ec2::/32",  # AWS: metadata, name server, clock
        "fd20:ce::254/128",  # Google's metadata
    )
]
_GLOBAL_V6 = ip_network("2000::/3")  # the only part of IPv6 that is assigned; NAT64 and site-local lie outside


@dataclass(frozen=True)
class Target:
    """Where one request goes. `private`: its host may be internal."""

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

    def redirected(self, location: str) -> str:
        """The URL that a redirect from here leads to. Raises AddressRefused for what is no URL."""
        try:
            if _UNSAFE.search(location):  # `urljoin` would drop these characters silently
                raise ValueError
            return urljoin(f"{self.scheme}://{_bracketed(self.host)}:{self.port}{self.path}", location)
        except ValueError:
            raise AddressRefused(f"{self.host} sends on to an address that cannot be read") from None


def parse_target(url: str, private_hosts: Collection[str], hosts: Collection[str] | None = None) -> Target:
    """Where a URL leads. `hosts`, when given, are the only allowed ones; both lists hold `host` or `host:port`.

    Raises AddressRefused. Plain http is allowed only to this machine.
    """
    if _UNSAFE.search(url):
        raise AddressRefused("the URL holds a control character or a backslash")
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname or ""
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        query = f"?{quote(parts.query, safe=_UNQUOTED)}" if parts.query else ""
        path = quote(parts.path or "/", safe=_UNQUOTED) + query
    except ValueError:
        raise AddressRefused("the URL cannot be read") from None
    if scheme not in PORTS or "@" in parts.netloc:
        raise AddressRefused("the URL must begin with https:// and hold no user name")
    if not (_is_ipv6(host) if "[" in parts.netloc else is_host(host)):
        raise AddressRefused("the URL names no host, or one with characters that no host has")
    target = Target(scheme, host, port, path, private=False)
    names = {target.name, f"{target.name}:{port}"}
    private = not names.isdisjoint(private_hosts)
    if hosts is not None and names.isdisjoint(hosts):
        raise AddressRefused(f"{host} is not a host that this call may reach")
    if scheme == "http" and not (private and names_this_machine(host)):
        raise AddressRefused(f"{host} must be called over https")
    if port not in _ALLOWED_PORTS and f"{target.name}:{port}" not in private_hosts:
        raise AddressRefused(f"port {port} of {host} may not be called")
    return replace(target, private=private)


def check_address(address: str, host: str, *, private: bool) -> None:
    """Raises AddressRefused for an address that `host` resolved to, unless it is public or `private` allows it."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:  # first, since every mapped address looks internal
        found = found.ipv4_mapped
    if not (_is_public(found) or (private and _is_in_business_network(found, host))):
        raise AddressRefused(f"{host} leads to an address that may not be called")


def is_host(host: str) -> bool:
    """Whether this is a name, or an IPv4 address in its one usual notation.

    127.1, 0x7f.1, 2130706433 and 0177.0.0.1 are addresses to some resolvers and names to others.
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


def names_this_machine(host: str) -> bool:
    """Whether a host is this machine by its name (RFC 6761) or address, not only by what it resolves to."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_in_business_network(address: IPv4Address | IPv6Address, host: str) -> bool:
    if address.is_loopback:  # on Lambda, the runtime's own API listens there
        return names_this_machine(host)
    business, platform = (any(address in network for network in each) for each in (_BUSINESS_NETWORKS, _PLATFORMS))
    return business and not platform


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    special = any(address in network for network in _NEVER)
    return address.is_global and not (address.is_multicast or address.is_reserved or special)


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
