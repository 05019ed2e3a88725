"""What a channel says about itself: the manifest.toml in its folder. A folder that has one is a channel."""

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
    """What a person does to connect an account of the channel."""

    account: str  # the field of the secret that names the account
    chosen: str  # the field of the secret whose text is ours to choose; "" for none
    steps: tuple[str, ...]  # with {webhook_url} and {chosen} where those are to be put


@dataclass(frozen=True)
class ChannelManifest:
    """A channel, as its folder describes it."""

    name: str
    title: str
    api: str  # base URL of its API, without a slash at the end
    hosts: frozenset[str]  # the only ones that may be given its token: host, or host:port
    secret: Mapping[str, str]  # each field of its secret, and where a person finds it
    capabilities: frozenset[str]  # of: buttons, list, captions
    window: int  # seconds after a contact's message in which a business may write freely; 0 where it always may
    connect: Connect

    def at(self, url: str) -> ChannelManifest:
        """The same channel behind another address (a stand-in): its token then goes there and nowhere else."""
        if not url:
            return self
        return replace(self, api=url.rstrip("/"), hosts=frozenset({urlsplit(url).netloc.lower()}))


def names(folder: Path = CHANNELS) -> list[str]:
    """The channels that are there."""
    return sorted(manifest.parent.name for manifest in folder.glob("*/manifest.toml"))


@cache
def load(name: str, folder: Path = CHANNELS) -> ChannelManifest:
    """Read once a process. Raises InvalidInput for an unknown channel and for a manifest that says too little."""
    if name not in names(folder):  # the name may come out of a URL: it must never become a path
        raise InvalidInput("there is no channel of that name")
    written = tomllib.loads((folder / name / "manifest.toml").read_text(encoding="utf-8"))
    expected = {"title", "api", "hosts", "secret", "capabilities", "window", "connect"}
    if written.keys() != expected or written["connect"].keys() != {"account", "chosen", "steps"}:
        told = f"{', '.join(sorted(expected))}; and [connect] account, chosen, steps"
        raise InvalidInput(f"the manifest of channel {name} must hold exactly {told}")
    return ChannelManifest(
        name=name,
        title=written["title"],
        api=written["api"].rstrip("/"),
        hosts=frozenset(written["hosts"]),
        secret=written["secret"],
        capabilities=frozenset(written["capabilities"]),
        window=written["window"],
        connect=Connect(**{**written["connect"], "steps": tuple(written["connect"]["steps"])}),
    )


def part(name: str, module: str) -> ModuleType:
    """A module of a channel's folder: webhook, rendering, profile or client. Raises InvalidInput for an unknown one."""
    if name not in names():
        raise InvalidInput("there is no channel of that name")
    return import_module(f"chatflow.channels.{name}.{module}")
