"""The channels: every folder of chatflow/channels with a manifest; there is no other list."""

from __future__ import annotations

from pathlib import Path

from chatflow.channels import manifest
from chatflow.channels.manifest import CHANNELS, ChannelManifest
from chatflow.errors import InvalidInput
from infrastructure.configuration import Misconfigured


def read_channels(folder: Path = CHANNELS) -> list[ChannelManifest]:
    """Every channel, ordered by name. Raises Misconfigured with all problems of all manifests."""
    channels: list[ChannelManifest] = []
    problems: list[str] = []
    for name in manifest.names(folder):
        try:
            channels.append(manifest.load(name, folder))
        except InvalidInput as problem:
            problems.append(str(problem))
    defaults = [channel.name for channel in channels if channel.default]
    if len(defaults) > 1:
        problems.append(f"channels/*/manifest.toml: default is true in {', '.join(defaults)}; allowed is that in one")
    if problems:
        raise Misconfigured("\n".join(problems))
    return channels
