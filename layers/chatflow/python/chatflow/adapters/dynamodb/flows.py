"""The published flows, as a turn reads them. Versions never change, so slices that were read are cached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from typing import Any

from chatflow.adapters.dynamodb.items import Item, document, get_item
from chatflow.adapters.dynamodb.live_copies import LiveCopies, LiveCopy
from chatflow.adapters.dynamodb.version_items import LIVE, key, slice_item
from chatflow.errors import NotPublished, Unreadable
from chatflow.tolerant_reader import read

Slice = dict[str, Any]


@dataclass(frozen=True)
class _SessionSettings:
    timeout: int = 600  # seconds
    on_timeout: str | None = None
    grace: int = 120  # seconds


@dataclass(frozen=True)
class _LiveVersion:
    """What a turn needs of a flow's live version."""

    flow: str
    version: int
    start: str = ""  # a session there ends with the apology: there is no such node
    session: _SessionSettings = field(default_factory=_SessionSettings)
    retention_days: int = 30


class PublishedFlows:
    """Reads the table `flows`. Its items are described in `chatflow.adapters.dynamodb.version_items`.

    `copies` are those of this process; without them, live versions are read each time.
    """

    def __init__(self, table: str, copies: LiveCopies | None = None) -> None:
        self._table = table
        self._copies = copies

    def live(self, flow: str, at_least: int = 0) -> dict[str, Any]:
        """The live version: flow, version, start, session, retention_days. Raises NotPublished.

        A copy may be up to 5 seconds old, but not of an earlier version than `at_least`.
        """
        copies, read = self._copies, partial(self._read, flow)
        copy = copies.fresh(flow) if copies else None
        if copy is None or copy.version < at_least:
            copy = copies.renew(flow, read, at_least) if copies else read(True)
        if copy is None:
            raise NotPublished(f"the flow {flow} is not published; publish it, or correct routes.yaml")
        return copy.content

    def _read(self, flow: str, consistent: bool) -> LiveCopy | None:
        item = get_item(self._table, key(flow, LIVE), consistent=consistent)
        if item is None:
            return None
        content = _read_live(item, flow)
        return LiveCopy(content["version"], content)

    def slice(self, flow: str, version: int, node: str) -> Slice:
        """The part of a version that a turn beginning at this node may need. Raises NotPublished."""
        return _slice(self._table, flow, version, node)


@lru_cache(maxsize=64)
def _slice(table: str, flow: str, version: int, node: str) -> Slice:
    item = get_item(table, key(flow, slice_item(version, node)), consistent=True)
    if item is None:
        raise NotPublished(f"version {version} of the flow {flow} has no slice that begins at {node}")
    with _not_published():
        return document(item, f"the slice {node} of version {version} of the flow {flow}", "slice")


def _read_live(item: Item, flow: str) -> dict[str, Any]:
    what = f"the live version of the flow {flow}"
    with _not_published():
        version = document(item, what)
        return {**version, **asdict(read(_LiveVersion, version, what))}


@contextmanager
def _not_published() -> Iterator[None]:
    """A flow that cannot be read counts as not published: its customers get the apology."""
    try:
        yield
    except Unreadable as error:
        raise NotPublished(f"{error}; publish the flow again") from None
