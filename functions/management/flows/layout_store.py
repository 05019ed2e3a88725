"""Layouts of flows: where people put the nodes on the canvas. One item for each flow in the table `flows`.

A layout is no part of a draft or a version: it has a revision of its own, and nothing else reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import document, get_item, number, schema
from chatflow.adapters.dynamodb.version_items import LAYOUT, key
from chatflow.errors import Overtaken

Position = Mapping[str, float]  # x and y


@dataclass(frozen=True)
class StoredLayout:
    """The positions of nodes by their names."""

    nodes: Mapping[str, Position]
    revision: int


class LayoutStore:
    """The layouts of a deployment."""

    def __init__(self, flows_table: str) -> None:
        self._table = flows_table

    def get(self, flow: str) -> StoredLayout | None:
        """The layout, if there is one."""
        item = get_item(self._table, key(flow, LAYOUT), consistent=True)
        if item is None:
            return None
        return StoredLayout(document(item, f"the layout of {flow}")["nodes"], number(item, "revision"))

    def save(self, flow: str, nodes: Mapping[str, Position], *, seen: int | None) -> int:
        """Save the layout, and return its revision. `seen` is the revision that it replaces, None for a new layout.

        Raises Overtaken when the layout is at another revision.
        """
        dynamodb = client("dynamodb")
        revision = (seen or 0) + 1
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(revision)"}
        if seen is not None:
            values = {":seen": {"N": str(seen)}}
            condition = {"ConditionExpression": "revision = :seen", "ExpressionAttributeValues": values}
        content = {"document": {"S": json.dumps({"nodes": nodes})}, "revision": {"N": str(revision)}}
        try:
            dynamodb.put_item(TableName=self._table, Item={**key(flow, LAYOUT), **content, **schema()}, **condition)
        except dynamodb.exceptions.ConditionalCheckFailedException:
            raise Overtaken(f"the layout of {flow} was changed meanwhile") from None
        return revision

    def delete(self, flow: str) -> None:
        """Delete the layout, if there is one."""
        client("dynamodb").delete_item(TableName=self._table, Key=key(flow, LAYOUT))
