"""Reads the manifests of channels: the manifest.toml in a channel's folder. A folder that has one is a channel."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final
from urllib.parse import urlsplit

from chatflow.errors import InvalidInput

CHANNELS: Final = Path(__file__).parent


@dataclass(frozen=True)
class Connect:
    """The steps that a person takes to connect an account of the channel."""

    account: str  # the field of the secret that names the account
    chosen: str  # the field of the secret whose text we choose; "" for none
    steps: tuple[str, ...]  # with the placeholders {webhook_url} and {chosen}


@dataclass(frozen=True)
class ChannelManifest:
    """A channel's manifest."""

    name: str
    title: str
    url: str  # base URL of its API, without a trailing slash; {version} stands for the version
    version: str  # of its API; "" where the API has none
    hosts: frozenset[str]  # the only ones that may get its token: host, or host:port
    secret: Mapping[str, str]  # each field of its secret, and where a person finds the value
    capabilities: frozenset[str]  # of: buttons, list, captions, read_marks
    window: int  # seconds after a contact's message in which a business may write freely; 0 where it always may
    connect: Connect
    # The fields that the first deploy writes into the secret, the random one first; the others are empty.
    placeholder: tuple[str, ...] = ("unconnected",)

    @property
    def api(self) -> str:
        """The base URL of its API at its version, without a trailing slash."""
        return self.url.replace("{version}", self.version)

    def at(self, url: str = "", version: str = "") -> ChannelManifest:
        """The same channel at another address (a stand-in), or at another version of its API.

        At another address, its token goes there and nowhere else.
        """
        changed = replace(self, version=version or self.version)
        if not url:
            return changed
        return replace(changed, url=url.rstrip("/"), hosts=frozenset({urlsplit(url).netloc.lower()}))


def names(folder: Path = CHANNELS) -> list[str]:
    """The names of all channels."""
    return sorted(manifest.parent.name for manifest in folder.glob("*/manifest.toml"))


@cache
def load(name: str, folder: Path = CHANNELS) -> ChannelManifest:
    """The manifest of a channel, read once a process.

    Raises InvalidInput for an unknown channel and for a manifest with missing or unknown entries.
    """
    if name not in names(folder):  # the name may come out of a URL: it must never become a path
        raise InvalidInput("there is no channel of that name")
    manifest = tomllib.loads((folder / name / "manifest.toml").read_text(encoding="utf-8"))
    expected = {"title", "api", "hosts", "secret", "capabilities", "window", "connect"}
    optional = {"placeholder", "version"}
    if manifest.keys() - optional != expected or manifest["connect"].keys() != {"account", "chosen", "steps"}:
        entries = f"{', '.join(sorted(expected))}; and [connect] account, chosen, steps"
        raise InvalidInput(f"the manifest of channel {name} must hold {entries}; version if its API has one")
    return ChannelManifest(
        name=name,
        title=manifest["title"],
        url=manifest["api"].rstrip("/"),
        version=manifest.get("version", ""),
        hosts=frozenset(manifest["hosts"]),
        secret=manifest["secret"],
        capabilities=frozenset(manifest["capabilities"]),
        window=manifest["window"],
        connect=Connect(**{**manifest["connect"], "steps": tuple(manifest["connect"]["steps"])}),
        placeholder=tuple(manifest.get("placeholder", ChannelManifest.placeholder)),
    )


def part(name: str, module: str) -> ModuleType:
    """A module of a channel's folder: webhook, rendering, profile or client. Raises InvalidInput for an unknown one."""
    if name not in names():
        raise InvalidInput("there is no channel of that name")
    return import_module(f"chatflow.channels.{name}.{module}")
