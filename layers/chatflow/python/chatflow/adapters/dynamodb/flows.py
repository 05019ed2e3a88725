"""The published flows, as a turn reads them. Versions never change, so slices that were read are cached."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from chatflow.adapters.dynamodb.items import get_item
from chatflow.adapters.dynamodb.version_items import LIVE, key, slice_item
from chatflow.errors import NotPublished

Slice = dict[str, Any]


class PublishedFlows:
    """Reads the table `flows`. Its items are described in `chatflow.adapters.dynamodb.version_items`."""

    def __init__(self, table: str) -> None:
        self._table = table

    def live(self, flow: str) -> dict[str, Any]:
        """The live version: flow, version, start, session, retention_days. Raises NotPublished."""
        item = get_item(self._table, key(flow, LIVE), consistent=True)
        if item is None:
            raise NotPublished(f"the flow {flow} is not published; publish it, or correct routes.yaml")
        version: dict[str, Any] = json.loads(item["document"]["S"])
        return version

    def slice(self, flow: str, version: int, node: str) -> Slice:
        """The part of a version that a turn beginning at this node may need. Raises NotPublished."""
        return _slice(self._table, flow, version, node)


@lru_cache(maxsize=64)
def _slice(table: str, flow: str, version: int, node: str) -> Slice:
    item = get_item(table, key(flow, slice_item(version, node)), consistent=True)
    if item is None:
        raise NotPublished(f"version {version} of the flow {flow} has no slice that begins at {node}")
    parsed: Slice = json.loads(item["slice"]["S"])
    return parsed
