"""Table `connections`: the open WebSocket connections of contacts, in deployments with a channel that requests `push`.

A connection has two rows: under its conversation's key, for a push, and under its own id, for the disconnect, whose
event names nothing else. The prefix of the latter keeps the two apart: a conversation's key never begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, get_item, number, query, schema, text
from chatflow.adapters.dynamodb.row_deletion import InTime, batches, delete

LONGEST_SECONDS: Final = 2 * 3600  # after which API Gateway closes a connection
MOST: Final = 10  # connections of one contact; a newer one takes the place of the oldest
_MARGIN_SECONDS: Final = 600
_BY_ID: Final = "connection#"


@dataclass(frozen=True)
class Connection:
    """`at`: when it was opened, in seconds since the epoch."""

    id: str
    at: int


class ConnectionTable:
    def __init__(self, table: str) -> None:
        self._table = table

    def add(self, conversation: str, id: str, now: int) -> None:
        """Store a connection. Beyond MOST of the conversation, the oldest are forgotten: nothing is pushed to them."""
        row = {"at": {"N": str(now)}, "expires_at": {"N": str(now + LONGEST_SECONDS + _MARGIN_SECONDS)}, **schema()}
        rows = [
            {**_key(conversation, id), **row},
            {**_by_id(id), "of": {"S": conversation}, **row},
        ]
        client("dynamodb").transact_write_items(
            TransactItems=[{"Put": {"TableName": self._table, "Item": each}} for each in rows]
        )
        newest_first = sorted(self.of(conversation), key=lambda each: (each.id == id, each.at), reverse=True)
        for old in newest_first[MOST:]:
            self.remove(conversation, old.id)

    def of(self, conversation: str) -> list[Connection]:
        """The connections of a conversation, also one that was opened a moment ago."""
        rows = query(
            self._table, "conversation = :conversation", {":conversation": {"S": conversation}}, ConsistentRead=True
        )
        return [Connection(text(row, "connection"), number(row, "at")) for row in rows]

    def remove(self, conversation: str, id: str) -> None:
        """Forget a connection; one that is not there is no error."""
        client("dynamodb").transact_write_items(
            TransactItems=[{"Delete": {"TableName": self._table, "Key": key}} for key in _keys(conversation, [id])]
        )

    def remove_by_id(self, id: str) -> None:
        """Forget a connection of which only the id is known."""
        row = get_item(self._table, _by_id(id), consistent=True)
        if row is not None:
            self.remove(text(row, "of"), id)


@dataclass(frozen=True)
class ConnectionEraser:
    """Deletes the connections of one conversation. An open one stays open, and gets nothing any more."""

    table: str

    def erase(self, conversation: str, in_time: InTime) -> dict[str, int]:
        condition, values = "conversation = :conversation", {":conversation": {"S": conversation}}
        removed = 0
        for batch in batches(query(self.table, condition, values, ConsistentRead=True), in_time):
            keys = _keys(conversation, (text(row, "connection") for row in batch))
            for half in (keys[: len(batch)], keys[len(batch) :]):  # a call deletes as many rows as a batch has
                delete(self.table, half)
            removed += len(batch)
        return {"connections": removed}


def _keys(conversation: str, ids: Iterable[str]) -> list[Item]:
    """The keys of both rows of these connections; those under their ids come first."""
    known = list(ids)
    return [*(_by_id(id) for id in known), *(_key(conversation, id) for id in known)]


def _key(conversation: str, id: str) -> Item:
    return {"conversation": {"S": conversation}, "connection": {"S": id}}


def _by_id(id: str) -> Item:
    return {"conversation": {"S": f"{_BY_ID}{id}"}, "connection": {"S": id}}
