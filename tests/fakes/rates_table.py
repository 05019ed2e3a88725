"""The table `rates` in memory, for simulations of many thousand messages: fast, and only what the adapter writes.

tests/unit/chatflow/adapters/dynamodb/test_rates.py plays one simulation on both this and moto.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from chatflow.adapters.aws.errors import AwsRefused, refusal

_ConditionFailed = refusal("ConditionalCheckFailedException")
_Cancelled = refusal("TransactionCanceledException")


class RatesTable:
    """A DynamoDB client that holds one table. `calls` counts the calls by operation.

    `conflicts` says whether a transaction meets another one and is cancelled.
    """

    exceptions = SimpleNamespace(
        ConditionalCheckFailedException=_ConditionFailed, TransactionCanceledException=_Cancelled
    )

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, int]] = {}
        self.calls: list[str] = []
        self.conflicts: Callable[[], bool] = lambda: False

    def update_item(self, **update: Any) -> dict[str, Any]:
        self.calls.append("UpdateItem")
        if not self._apply(update):
            error = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": self._item(update)}
            raise _ConditionFailed(error, "UpdateItem")
        return {"Attributes": self._item(update)}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:
        self.calls.append("TransactWriteItems")
        (change,) = TransactItems
        if self.conflicts():
            raise _cancelled({"Code": "TransactionConflict"})
        if not self._apply(change["Update"]):
            raise _cancelled({"Code": "ConditionalCheckFailed", "Item": self._item(change["Update"])})

    def get_item(self, **key: Any) -> dict[str, Any]:
        self.calls.append("GetItem")
        return {"Item": self._item(key)}

    def _item(self, update: Mapping[str, Any]) -> dict[str, Any]:
        row = self.rows.get(update["Key"]["cell"]["S"], {})
        return {name: {"N": str(value)} for name, value in row.items()}

    def _apply(self, update: Mapping[str, Any]) -> bool:
        row = self.rows.setdefault(update["Key"]["cell"]["S"], {})
        known = {name: int(value["N"]) for name, value in update["ExpressionAttributeValues"].items()}
        if not any(_holds(row, known, each) for each in update["ConditionExpression"].split(" OR ")):
            return False
        for change in update["UpdateExpression"].removeprefix("SET ").split(", "):
            name, _, value = change.partition(" = ")
            row[name] = sum((known | row)[each] for each in value.split(" + "))
        return True


def _cancelled(reason: dict[str, Any]) -> AwsRefused:
    error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [reason]}
    return _Cancelled(error, "TransactWriteItems")


def _holds(row: Mapping[str, int], known: Mapping[str, int], condition: str) -> bool:
    if condition == "attribute_not_exists(free_at)":
        return "free_at" not in row
    return all(_compares(row, known, each) for each in condition.split(" AND "))


def _compares(row: Mapping[str, int], known: Mapping[str, int], comparison: str) -> bool:
    found = re.fullmatch(r"free_at (<=|>|<|=) (:\w+)", comparison)
    assert found, comparison
    if "free_at" not in row:
        return False
    stored, value = row["free_at"], known[found[2]]
    return {"<=": stored <= value, ">": stored > value, "<": stored < value, "=": stored == value}[found[1]]
