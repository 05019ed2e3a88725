"""The table `sessions` and its index `by_state` in memory, with the calls that the adapters make.

DynamoDB as moto plays it is too slow for lists of many partitions, and counts no writes of an index.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from chatflow.adapters.dynamodb import listed_sessions, sessions

Item = dict[str, Any]


@dataclass
class SessionTable:
    """`index_writes`: how many writes of the index each saved session cost. `evaluated`: rows that queries read."""

    rows: dict[tuple[str, str], Item] = field(default_factory=dict)
    index_writes: list[int] = field(default_factory=list)
    queries: int = 0
    evaluated: int = 0

    @classmethod
    def installed(cls, monkeypatch: pytest.MonkeyPatch) -> SessionTable:
        """An empty table, which the adapters take for DynamoDB."""
        table = cls()
        for module in (sessions, listed_sessions):
            monkeypatch.setattr(module, "client", lambda _service: table)
        return table

    def put(self, item: Item) -> None:
        """Put an item as it is."""
        self.rows[item["conversation"]["S"], item["item"]["S"]] = item

    def transact_write_items(self, TransactItems: list[Any]) -> None:
        for put in (each["Put"] for each in TransactItems):
            item = put["Item"]
            if item["item"]["S"] == "session":
                before = self.rows.get((item["conversation"]["S"], "session"))
                self.index_writes.append(_index_writes(before, item))
            self.put(item)

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        asked = [tuple(value["S"] for value in key.values()) for key in RequestItems["sessions"]["Keys"]]
        found = [self.rows[key] for key in asked if key in self.rows]
        return {"Responses": {"sessions": found}}

    def query(self, **request: Any) -> dict[str, Any]:
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        lower, upper = values.get(":lower", ""), values.get(":upper", "~")
        start = request.get("ExclusiveStartKey") or {"listed_at": {"S": "~~"}}
        rows = sorted(
            (
                row
                for row in self.rows.values()
                if {"state", "listed_at"} <= row.keys()
                and row["state"]["S"] == values[":state"]
                and lower <= row["listed_at"]["S"] <= upper
                and row["listed_at"]["S"] < start["listed_at"]["S"]
            ),
            key=lambda row: row["listed_at"]["S"],
            reverse=True,
        )
        page = rows[: request.get("Limit", len(rows))]
        self.queries, self.evaluated = self.queries + 1, self.evaluated + len(page)
        items = [row for row in page if values.get(":flow") in (None, row["flow"]["S"])]
        last = {"LastEvaluatedKey": page[-1]} if len(page) < len(rows) else {}
        return {"Items": items, "Count": len(items), "ScannedCount": len(page), **last}


def _index_writes(before: Item | None, after: Item) -> int:
    """The writes of the index that a save costs. The attributes that it projects change with each turn.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
    """
    stood, stands = _keys(before), _keys(after)
    return 1 if stood == stands else (stood is not None) + (stands is not None)


def _keys(row: Item | None) -> tuple[str, str] | None:
    return (row["state"]["S"], row["listed_at"]["S"]) if row and {"state", "listed_at"} <= row.keys() else None
