"""Rows about one conversation, deleted: those of its own in `sessions`, and those that an index finds elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.scheduler import forget
from chatflow.conversation.erasure import ERASED, REMEMBERED_DAYS, report
from chatflow.conversation.events import timeout_event
from chatflow.errors import Unavailable

BY_CONVERSATION = "by_conversation"
_BATCH = 25  # of one BatchWriteItem
_LATE_SECONDS = 3600  # that Scheduler goes on trying after a deadline

InTime = Callable[[], bool]


@dataclass(frozen=True)
class FoundRows:
    """Rows of a table whose index `by_conversation` tells whose they are.

    `key`: the table's partition key. `word`: what the report calls them.
    """

    table: str
    key: str
    word: str

    def erase(self, conversation: str, in_time: InTime) -> dict[str, int]:
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.table,
                IndexName=BY_CONVERSATION,
                KeyConditionExpression="conversation = :conversation",
                ExpressionAttributeValues={":conversation": {"S": conversation}},
            )
        )
        removed = 0
        for items in _batches((item for page in pages for item in page["Items"]), in_time):
            _delete(self.table, [{self.key: item[self.key]} for item in items])
            removed += len(items)
        return {self.word: removed}


@dataclass(frozen=True)
class OwnRows:
    """Everything in `sessions` but the row that tells of the erasure; and the schedules that the records know of."""

    table: str
    schedule_group: str

    def erase(self, conversation: str, in_time: InTime) -> dict[str, int]:
        removed = {"sessions": 0, "turns": 0, "letters": 0, "schedules": 0}
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.table,
                KeyConditionExpression="conversation = :conversation",
                ExpressionAttributeValues={":conversation": {"S": conversation}},
                ConsistentRead=True,
            )
        )
        rows = (row for page in pages for row in page["Items"] if row["item"]["S"] != ERASED)
        for items in _batches(rows, in_time):
            # Before the records, which alone know the schedules' names.
            removed["schedules"] += sum(self._unscheduled(item) for item in items)
            _delete(self.table, [{"conversation": item["conversation"], "item": item["item"]} for item in items])
            for item in items:
                removed[_word(item["item"]["S"])] += 1
        return removed

    def _unscheduled(self, item: dict[str, Any]) -> bool:
        """Whether a turn's deadline was still ahead, and its schedule is gone now."""
        record = json.loads(item["document"]["S"])
        deadline = record.get("deadline", 0)
        if not item["item"]["S"].startswith("turn#") or deadline < time.time() - _LATE_SECONDS:
            return False
        wake = timeout_event(item["conversation"]["S"], record["session"], record["turn"], deadline)
        return forget(self.schedule_group, wake)

    def remembered(self, conversation: str) -> dict[str, Any] | None:
        """What is known of the last erasure, done or not."""
        key = {"conversation": {"S": conversation}, "item": {"S": ERASED}}
        found = client("dynamodb").get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return json.loads(found["document"]["S"]) if found else None

    def remember(self, conversation: str, at: int, done: bool, removed: dict[str, int]) -> None:
        now = int(time.time())
        item = {
            "conversation": {"S": conversation},
            "item": {"S": ERASED},
            "document": {"S": json.dumps(report(at, done, removed), separators=(",", ":"))},
            "updated_at": {"N": str(now)},
            "expires_at": {"N": str(now + REMEMBERED_DAYS * 86_400)},
        }
        client("dynamodb").put_item(TableName=self.table, Item=item)


def _word(item: str) -> str:
    return {"turn": "turns", "letter": "letters"}.get(item.partition("#")[0], "sessions")


def _batches(items: Iterable[dict[str, Any]], in_time: InTime) -> Iterator[list[dict[str, Any]]]:
    """As many at a time as one call deletes, until the time is over."""
    batch: list[dict[str, Any]] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
            if not in_time():
                return
    if batch:
        yield batch


def _delete(table: str, keys: list[dict[str, Any]]) -> None:
    """Raises Unavailable when DynamoDB keeps leaving some out: whoever asked must ask again."""
    left: dict[str, Any] = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    for attempt in range(6):
        left = client("dynamodb").batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
        if not left:
            return
        time.sleep(0.1 * 2**attempt)
    raise Unavailable("DynamoDB did not delete all rows; ask again")
