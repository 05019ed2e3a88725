"""Which hosts inside a network of one's own an operator may open to calls on AWS, and which nobody can."""

from __future__ import annotations

import re
from ipaddress import ip_address

from chatflow.adapters.http.address_rules import names_this_machine, vet
from chatflow.adapters.http.urls import is_host
from chatflow.errors import AddressRefused

_ENTRY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")


def host_trouble(entry: str) -> str:
    """What is wrong with a host or host:port; "" when nothing is.

    A name is judged again at each call, by what it resolves to then.
    """
    found = _ENTRY.fullmatch(entry)
    host = found[1].strip("[]") if found else ""
    if not found or not (found[1].startswith("[") or is_host(host)) or not 0 < int(found[2] or 443) < 65536:
        return "is no host or host:port, in small letters"
    if names_this_machine(host):
        return "is the function itself, where Lambda's own API listens"
    try:
        ip_address(host)
        vet(host, host, private=True)
    except ValueError:
        return "" if "." in host else "is no full name: write it with its domain"
    except AddressRefused:
        return "is an address that no network of a business has: link-local, metadata, multicast or reserved"
    return ""
