"""The hosts that a secret of the business may be sent to, stored within the secret itself. Pure.

A secret with hosts is the JSON object `{"chatflow_secret": 1, "hosts": [...], "value": "..."}`, so that the read that
brings the value brings the hosts, and both are cached as one. Any other text is a secret of an earlier version, or one
that was stored by hand: its value, with hosts that nobody has decided yet. Reasons: decision record 0017.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from chatflow.errors import NotPublished, Refused

MAX_HOSTS: Final = 20
_MARK: Final = "chatflow_secret"
_FORMAT: Final = 1
_PORTS: Final = {"http": 80, "https": 443}
_HOST = re.compile(
    r"(?=.{1,253}(?::|\Z))(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
    r"(?::[0-9]{1,5})?|\[[0-9a-f:.]{2,45}\](?::[0-9]{1,5})?"
)


@dataclass(frozen=True)
class BusinessSecret:
    """A secret. `hosts`: the only ones that may receive it (`host` or `host:port`); None while nobody has decided."""

    value: str = field(repr=False)
    hosts: frozenset[str] | None = None

    def for_call(self, name: str, url: str) -> str:
        """The value, for a call to this URL. Raises Refused when its host may not receive the secret."""
        if not may_receive(self.hosts, url):
            raise Refused(
                f'the secret "{name}" may not be sent to {host_of(url) or "this address"}: an administrator allows its '
                f"hosts with `chatflow secrets set {name} --host ...`"
            )
        return self.value


def serialize_secret(value: str, hosts: Collection[str]) -> str:
    """The text that is stored."""
    return json.dumps({_MARK: _FORMAT, "hosts": sorted(hosts), "value": value}, ensure_ascii=False)


def deserialize_secret(name: str, text: str) -> BusinessSecret:
    """The secret in a stored text. Raises NotPublished for a damaged one: without its hosts, it is sent nowhere."""
    if not (text.lstrip().startswith("{") and f'"{_MARK}"' in text):
        return BusinessSecret(text)
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if isinstance(fields, dict) and _MARK not in fields:
        return BusinessSecret(text)  # JSON of the business that has the word somewhere inside
    if not isinstance(fields, dict):
        raise _damaged(name)
    hosts, value = fields.get("hosts"), fields.get("value")
    if fields[_MARK] != _FORMAT or not isinstance(value, str) or not isinstance(hosts, list):
        raise _damaged(name)
    if not all(isinstance(each, str) for each in hosts):
        raise _damaged(name)
    return BusinessSecret(value, frozenset(hosts))


def may_receive(hosts: Collection[str] | None, url: str) -> bool:
    """Whether a secret with these hosts may be sent to a URL. True while nobody has decided."""
    if hosts is None:
        return True
    host = host_of(url)
    if not host:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return False
    return host in hosts or f"{host}:{port}" in hosts


def host_of(url: str) -> str:
    """The host of a URL as lists of hosts write it: lower case, without a final dot; "" when it has none."""
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return ""
    if "@" in parts.netloc or parts.scheme not in _PORTS:
        return ""
    return f"[{name}]" if ":" in name else name


def normalized_host(written: str) -> str:
    """A host as a person writes it, for the list. Raises ValueError for a URL, a wildcard or anything else."""
    host = written.strip().lower()
    name, colon, port = host.rpartition(":") if re.search(r":[0-9]+\Z", host) and host[-1] != "]" else (host, "", "")
    host = f"{name.removesuffix('.')}{colon}{port}"
    if not _HOST.fullmatch(host) or (port and not 0 < int(port) < 65_536):
        raise ValueError(f'"{written[:100]}" is not a host: write api.example.com, or api.example.com:8443')
    return host


def _damaged(name: str) -> NotPublished:
    return NotPublished(f'the secret "{name}" cannot be read: set it again with `chatflow secrets set {name}`')
