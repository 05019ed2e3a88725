"""Counts the units of DynamoDB that calls consume, by the rules of its bill, since the emulator does not.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html: a strongly consistent read
is one unit for each 4 KB of an item, an eventually consistent one half of it; a write is one for each KB of the larger
of old and new item; a transaction doubles both. An index costs a write for an entry that is added, removed or changed,
and two for one whose key changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.aws_account import Call
from tests.fakes.dynamodb_costs import size

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Index:
    """A global secondary index. `projected` is None for all attributes; the keys are always part of an entry."""

    keys: tuple[str, ...]
    projected: frozenset[str] | None

    def entry(self, row: Row) -> Row | None:
        if any(key not in row for key in self.keys):
            return None
        return {name: value for name, value in row.items() if self.projected is None or name in self.projected}

    def units(self, before: Row, after: Row) -> int:
        """The write units of one item's change."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        moved = old is not None and new is not None and any(old[key] != new[key] for key in self.keys)
        if moved:
            return _written(old or {}) + _written(new or {})
        return max(_written(entry) for entry in (old, new) if entry is not None)


@dataclass
class Units:
    """What calls to one table consumed. `index` is what the table's indexes consumed for the writes."""

    read: float = 0
    write: int = 0
    index: int = 0

    def add(self, other: Units) -> None:
        self.read, self.write, self.index = self.read + other.read, self.write + other.write, self.index + other.index


@dataclass(frozen=True)
class CountedCall:
    """One call of a function: `dynamodb:UpdateItem`, and its units by table."""

    function: str
    call: str
    tables: Mapping[str, Units] = field(default_factory=dict)


class UnitCounter:
    """Counts the calls of our clients. `reader` is one of botocore's, whose calls do not count.

    `function` is whose calls these are, as the one who plays the functions says.
    """

    function = ""

    def __init__(self, reader: Any, keys: Mapping[str, tuple[str, ...]], indexes: Mapping[str, list[Index]]) -> None:
        self._reader = reader
        self._keys = keys
        self._indexes = indexes
        self.calls: list[CountedCall] = []

    def count(self, call: Call, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Make a call, and count it. `tests.fakes.aws_account.watched_calls` takes this."""
        before = [(table, key, self._row(table, key)) for table, key in self._writes(operation, params)]
        tables: dict[str, Units] = {}
        refused = True
        try:
            result = call(params)
            refused = False
        finally:
            if service == "dynamodb":
                for table, units in self._consumed(operation, params, before, refused=refused):
                    tables.setdefault(table, Units()).add(units)
            self.add(f"{service}:{operation}", tables)
        return result

    def add(self, call: str, tables: Mapping[str, Units] | None = None) -> None:
        """Count a call that no client makes here."""
        self.calls.append(CountedCall(self.function, call, tables or {}))

    def _consumed(
        self, name: str, params: Mapping[str, Any], before: Iterable[tuple[str, Row, Row]], *, refused: bool
    ) -> Iterator[tuple[str, Units]]:
        factor = 2 if name.startswith("Transact") else 1
        for table, key, old in before:
            new = self._row(table, key)
            indexes = [] if refused else self._indexes.get(table, [])
            index = sum(each.units(old, new) for each in indexes)
            yield table, Units(write=factor * max(_written(old), _written(new)), index=index)
        if name == "BatchGetItem":
            for table, request in params["RequestItems"].items():
                for key in request["Keys"]:
                    yield table, self._read(table, key, request)
        elif name == "GetItem":
            yield params["TableName"], self._read(params["TableName"], params["Key"], params)
        elif name in ("Query", "Scan"):
            raise AssertionError(f"{name} is not counted yet")

    def _read(self, table: str, key: Row, request: Mapping[str, Any]) -> Units:
        pieces = max(1, math.ceil(size(self._row(table, key)) / 4096))
        return Units(read=pieces if request.get("ConsistentRead") else pieces / 2)

    def _writes(self, name: str, params: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        if name == "TransactWriteItems":
            for action in params["TransactItems"]:
                ((kind, request),) = action.items()
                yield self._write(kind, request)
        elif name in ("PutItem", "UpdateItem", "DeleteItem"):
            yield self._write(name.removesuffix("Item"), params)

    def _write(self, kind: str, request: Mapping[str, Any]) -> tuple[str, Row]:
        table = request["TableName"]
        key = {name: request["Item"][name] for name in self._keys[table]} if kind == "Put" else request["Key"]
        return table, key

    def _row(self, table: str, key: Row) -> Row:
        found: Row = self._reader.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
        return found


def _written(item: Row) -> int:
    return max(1, math.ceil(size(item) / 1024))
