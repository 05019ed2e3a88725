"""Deletes rows of DynamoDB tables in batches, for the erasure of a contact."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, query
from chatflow.errors import Unavailable

BY_CONVERSATION = (
    "by_conversation"  # the index of the tables `effects` and `deliveries` that finds a conversation's rows
)
_BATCH = 25  # DynamoDB's limit for one BatchWriteItem
_ATTEMPTS = 6  # requests for one batch

InTime = Callable[[], bool]  # false when the time for an erasure has run out


def delete_by_conversation(table: str, key: str, conversation: str, in_time: InTime) -> int:
    """Delete a conversation's rows, found by the index `by_conversation`; returns how many were deleted.

    `key` is the table's partition key. Stops early when `in_time` returns false.
    """
    condition = "conversation = :conversation"
    rows = query(table, condition, {":conversation": {"S": conversation}}, IndexName=BY_CONVERSATION)
    deleted = 0
    for batch in batches(rows, in_time):
        delete(table, [{key: row[key]} for row in batch])
        deleted += len(batch)
    return deleted


def batches(rows: Iterable[Item], in_time: InTime) -> Iterator[list[Item]]:
    """The rows in groups that one call can delete, until `in_time` returns false."""
    batch: list[Item] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
            if not in_time():
                return
    if batch:
        yield batch


def delete(table: str, keys: list[Item]) -> None:
    """Delete up to 25 rows. Raises Unavailable when DynamoDB keeps leaving some out; the caller must try again."""
    remaining = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    for attempt in range(_ATTEMPTS):
        remaining = client("dynamodb").batch_write_item(RequestItems=remaining).get("UnprocessedItems") or {}
        if not remaining:
            return
        time.sleep(0.1 * 2**attempt)
    raise Unavailable("DynamoDB did not delete all rows; ask again")
