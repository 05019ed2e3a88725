"""Which of the addresses that a host resolves to may be connected to.

Pure. An address inside the network is refused unless its host was explicitly allowed, and then it may be one that
businesses number their networks with, never a platform's own (the link, metadata) nor, by another name, this machine.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from chatflow.errors import AddressRefused

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
# What businesses number their networks with, and what platforms have put among it.
_BUSINESSES = [
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
_GLOBAL_V6 = ip_network("2000::/3")  # the only part of IPv6 that is given out; NAT64 and site-local lie outside


def vet(address: str, host: str, *, private: bool) -> None:
    """Refuse an address that `host` resolved to, unless it lies in public or the host is allowed to be `private`."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:  # first: else every such address looks internal
        found = found.ipv4_mapped
    if not (_is_public(found) or (private and _is_of_a_business(found, host))):
        raise AddressRefused(f"{host} leads to an address that may not be called")


def names_this_machine(host: str) -> bool:
    """Whether a host is this machine by its very spelling (RFC 6761 for the name), not only by what it resolves to."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_of_a_business(address: IPv4Address | IPv6Address, host: str) -> bool:
    if address.is_loopback:  # on Lambda the runtime's own API listens there
        return names_this_machine(host)
    ours, platforms = (any(address in network for network in each) for each in (_BUSINESSES, _PLATFORMS))
    return ours and not platforms


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    inside = any(address in network for network in _NEVER)
    return address.is_global and not (address.is_multicast or address.is_reserved or inside)
