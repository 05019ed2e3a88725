"""What DynamoDB would charge for the calls of a block on moto: read units, strong reads, writes of global indexes.

By the rules of its documentation ("Read consistency", "Item sizes and formats", "Global secondary indexes"): a strong
read costs a unit for each 4 KB, another one half of that; a change of an item writes each index that has it, twice
where a key of the index changes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

Item = Mapping[str, Any]
_UNIT: Final = 4096  # bytes
_WRITES: Final = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
# What is read is charged, not what is shown of it.
_NARROWING: Final = ("ProjectionExpression", "FilterExpression", "Select")
_OVERHEAD: Final = 3  # bytes of a list or a map, and one for each of its elements


@dataclass
class Costs:
    """`strong_reads`: the tables and keys of what was read strongly, as JSON; `index_writes`: by index."""

    read_units: float = 0.0
    strong_reads: list[tuple[str, str]] = field(default_factory=list)
    index_writes: dict[str, int] = field(default_factory=dict)

    def strong_reads_of(self, table: str) -> list[str]:
        return [key for name, key in self.strong_reads if name == table]

    def read(self, table: str, key: Item, item: Item | None, *, strong: bool) -> None:
        """One item of a GetItem or a BatchGetItem; one that is not there costs as much as a small one."""
        self.read_units += _units(size(item or {}), strong=strong)
        if strong:
            self.strong_reads.append((table, json.dumps(key)))


@contextmanager
def counted(dynamodb: Any, indexed: str) -> Iterator[Costs]:
    """Count the calls of this client within the block; writes of indexes are those of the table `indexed`."""
    costs = Costs()
    call = dynamodb.call

    def rows() -> dict[str, Item]:
        found = call("Scan", {"TableName": indexed, "ConsistentRead": True})["Items"]
        return {json.dumps([row[name] for name in keys]): row for row in found}

    def count(operation: str, given: dict[str, Any]) -> Any:
        before = rows() if operation in _WRITES else {}
        answer = call(operation, given)
        if operation in _WRITES:
            after = rows()
            for index, its_keys in indexes.items():
                written = sum(_writes(before.get(each), after.get(each), its_keys) for each in {*before, *after})
                costs.index_writes[index] = costs.index_writes.get(index, 0) + written
        elif operation == "GetItem":
            strong = given.get("ConsistentRead", False)
            costs.read(given["TableName"], given["Key"], answer.get("Item"), strong=strong)
        elif operation == "BatchGetItem":
            for table, asked in given["RequestItems"].items():
                for key in asked["Keys"]:
                    whole = call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
                    costs.read(table, key, whole.get("Item"), strong=asked.get("ConsistentRead", False))
        elif operation == "Query":
            total = sum(map(size, call("Query", _unnarrowed(given))["Items"]))
            costs.read_units += _units(total, strong=given.get("ConsistentRead", False))
        else:
            raise AssertionError(f"{operation} is not counted yet")
        return answer

    described = call("DescribeTable", {"TableName": indexed})["Table"]
    keys = _key_names(described)
    indexes = {each["IndexName"]: _key_names(each) for each in described.get("GlobalSecondaryIndexes", ())}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dynamodb, "call", count)
        yield costs


def _unnarrowed(query: Mapping[str, Any]) -> dict[str, Any]:
    """The same page of a query as it is stored: every attribute of every item that is evaluated."""
    whole = {name: value for name, value in query.items() if name not in _NARROWING}
    for field_ in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        used = {name: value for name, value in query.get(field_, {}).items() if name in query["KeyConditionExpression"]}
        whole |= {field_: used}
        if not used:
            del whole[field_]
    return whole


def size(item: Item) -> int:
    """The size of an item in bytes."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content.strip("-+.0")) // 2 + 2
    if kind == "B":
        return len(content)
    if kind in ("SS", "NS", "BS"):
        return sum(_value_size({kind[0]: each}) for each in content)
    if kind == "L":
        return _OVERHEAD + sum(1 + _value_size(each) for each in content)
    if kind == "M":
        return _OVERHEAD + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
    return 1  # a boolean, or null


def _units(bytes_: int, *, strong: bool) -> float:
    units = max(1, math.ceil(bytes_ / _UNIT))
    return units if strong else units / 2


def _writes(before: Item | None, after: Item | None, keys: Sequence[str]) -> int:
    """How often a change of an item writes an index with these keys, which shows all of an item."""
    old, new = _place(before, keys), _place(after, keys)
    if old is None and new is None:
        return 0
    if old is None or new is None:
        return 1
    return 2 if old != new else int(before != after)


def _place(item: Item | None, keys: Sequence[str]) -> list[Any] | None:
    """Where an index has the item; None where it does not have it."""
    return [item[key] for key in keys] if item and all(key in item for key in keys) else None


def _key_names(described: Mapping[str, Any]) -> list[str]:
    return [each["AttributeName"] for each in described["KeySchema"]]
