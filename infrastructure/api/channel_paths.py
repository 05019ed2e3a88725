"""The paths of what channels may request in their manifests. They are read without the CDK, which takes seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from chatflow.channels.manifest import ChannelManifest

# Path and methods by the name that a manifest uses. Of two paths that match, API Gateway takes the more specific one.
PATHS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "routes": ("/channels/{channel}/{account}/{path+}", ("GET", "POST")),
    "page": ("/channels/{channel}/page/{file}", ("GET",)),
}


def requested_paths(channels: Sequence[ChannelManifest]) -> dict[str, tuple[str, ...]]:
    """The paths that at least one channel requests, with their methods."""
    requested = {need for channel in channels for need in channel.infrastructure}
    return {path: methods for need, (path, methods) in PATHS.items() if need in requested}


def push_routes(channels: Sequence[ChannelManifest]) -> tuple[str, ...]:
    """The routes of the WebSocket API, if at least one channel requests it. Only `$connect` can check who comes."""
    requested = any("push" in channel.infrastructure for channel in channels)
    return ("$connect", "$disconnect", "$default") if requested else ()
