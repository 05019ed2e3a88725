"""The published flows, as a turn reads them. What is published never changes, so what was read is kept."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished

Slice = dict[str, Any]


class Flows:
    """Table `flows`: key `name` + `item`: "live" (a copy of the live version, with its first slice), "v000001", and
    one item for each slice, "v000001#<node>"."""

    def __init__(self, table: str) -> None:
        self._table = table

    def live(self, flow: str) -> dict[str, Any]:
        """The live version: flow, version, start, session, retention_days. Raises NotPublished."""
        item = _item(self._table, flow, "live")
        if item is None:
            raise NotPublished(f"the flow {flow} is not published; publish it, or correct routes.yaml")
        version: dict[str, Any] = json.loads(item["document"]["S"])
        return version

    def slice(self, flow: str, version: int, node: str) -> Slice:
        """The part of a version that a turn beginning at this node may need. Raises NotPublished."""
        return _slice(self._table, flow, version, node)


@lru_cache(maxsize=64)
def _slice(table: str, flow: str, version: int, node: str) -> Slice:
    item = _item(table, flow, f"v{version:06d}#{node}")
    if item is None:
        raise NotPublished(f"version {version} of the flow {flow} has no slice that begins at {node}")
    parsed: Slice = json.loads(item["slice"]["S"])
    return parsed


def _item(table: str, name: str, item: str) -> dict[str, Any] | None:
    key = {"name": {"S": name}, "item": {"S": item}}
    found: dict[str, Any] | None = (
        client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    )
    return found
