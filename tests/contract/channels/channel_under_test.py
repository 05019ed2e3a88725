"""A channel under test, and the examples that its own tests must provide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from chatflow.channels.connections import ConnectRequest
from chatflow.channels.manifest import CHANNELS, ChannelManifest, load
from chatflow.messages import IncomingMedia
from tests.fakes.fetch import FakeFetch, Reply, Request

DEADLINE = 1_800_000_000_000
FILE = b"the bytes of a file" * 10_000


class Examples(Protocol):
    """What the tests of a channel must provide. What names a capability is needed with it only, or without it."""

    SECRET: dict[str, Any]
    ACCOUNT: str
    CONTACT: str
    MEDIA: IncomingMedia  # as the channel would announce FILE

    def sign(self, body: bytes, secret: Mapping[str, Any]) -> dict[str, str]: ...
    def handshake_query(self, secret: Mapping[str, Any]) -> dict[str, str]: ...  # with handshake
    def text_webhook(self, message_id: str, text: str) -> bytes: ...  # another id for each `message_id`
    def webhook_with_a_bad_part(self, message_id: str) -> bytes: ...  # with batches
    def unknown_update(self) -> bytes: ...  # without batches: an update of a kind that we do not know
    def status_webhook(self, message_id: str, tag: str) -> bytes: ...  # with statuses
    def album(self, count: int) -> list[bytes]: ...  # with albums: the webhooks of files that were sent together
    def connect(self, secret: Mapping[str, Any], now: int) -> ConnectRequest: ...  # where it requests push
    def answer(self, request: Request) -> Reply: ...
    def refuse(self, request: Request) -> Reply: ...


@dataclass(frozen=True)
class Channel:
    """A channel under test: its folder, the package that the folder is, and its tests' examples."""

    name: str
    folder: Path
    package: str
    examples: Examples
    claims: frozenset[str] | None = None  # capabilities instead of the manifest's

    def part(self, name: str) -> ModuleType:
        return import_module(f"{self.package}.{name}")

    @property
    def manifest(self) -> ChannelManifest:
        manifest = load(self.name, self.folder.parent)
        return manifest if self.claims is None else replace(manifest, capabilities=self.claims)

    def client(self, fetch: FakeFetch) -> Any:
        manifest = self.manifest
        examples = self.examples
        return self.part("client").Client(examples.ACCOUNT, examples.SECRET, fetch, manifest.hosts, manifest.api)


def channel(name: str) -> Channel:
    """A channel of the product. A channel without examples cannot be checked, and that is a failure too."""
    try:
        examples: Any = import_module(f"tests.unit.chatflow.channels.{name}.examples")
    except ModuleNotFoundError:
        path = f"tests/unit/chatflow/channels/{name}/examples.py"
        raise AssertionError(f"write {path}, so that the contract can be checked") from None
    return Channel(name, CHANNELS / name, f"chatflow.channels.{name}", examples)
