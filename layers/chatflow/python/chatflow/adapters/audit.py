"""Who changed what, and when: table `audit`, key `month` ("2026-11") + `at` ("<time>#<request>")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from chatflow.adapters.aws import client

KEPT_SECONDS = 400 * 86400  # a year, and what it takes to look back on it


@dataclass(frozen=True)
class Row:
    """One change. `target`: what the path named; `facts`: what else the operation mentions."""

    at: str  # RFC 3339 with microseconds, UTC
    request: str
    who: str
    operation: str
    target: Mapping[str, str]
    outcome: str = "began"  # began | done | refused | failed
    status: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def begun(cls, now: float, request: str, who: str, operation: str, target: Mapping[str, str]) -> Self:
        at = datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return cls(at, request, who, operation, target)

    @property
    def month(self) -> str:
        return self.at[:7]

    @property
    def sort(self) -> str:
        return f"{self.at}#{self.request}"


class Audit:
    """The table of rows."""

    def __init__(self, table: str) -> None:
        self._table = table

    def write(self, row: Row) -> None:
        """Keep a row, before the change that it tells of begins."""
        expires = int(datetime.fromisoformat(row.at).timestamp()) + KEPT_SECONDS
        item = {
            **_key(row.month, row.sort),
            "request": {"S": row.request},
            "who": {"S": row.who},
            "operation": {"S": row.operation},
            "target": {"S": json.dumps(dict(row.target), ensure_ascii=False)},
            "outcome": {"S": row.outcome},
            "expires_at": {"N": str(expires)},
        }
        client("dynamodb").put_item(TableName=self._table, Item=item)

    def complete(self, row: Row, outcome: str, status: int, facts: Mapping[str, Any]) -> None:
        """Say what came of it."""
        client("dynamodb").update_item(
            TableName=self._table,
            Key=_key(row.month, row.sort),
            UpdateExpression="SET outcome = :outcome, #status = :status, facts = :facts",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":outcome": {"S": outcome},
                ":status": {"N": str(status)},
                ":facts": {"S": json.dumps(dict(facts), ensure_ascii=False)},
            },
        )

    def rows(self, month: str, *, before: str = "", since: str = "", limit: int) -> list[Row]:
        """The rows of a month, newest first: those before the place `before`, not older than the time `since`."""
        asked: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#month = :month AND #at BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#month": "month", "#at": "at"},
            "ExpressionAttributeValues": {
                ":month": {"S": month},
                ":since": {"S": since or "0"},
                ":until": {"S": before or "9"},
            },
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if before:
            asked["ExclusiveStartKey"] = _key(month, before)
        return [_row(item) for item in client("dynamodb").query(**asked)["Items"]]


def _key(month: str, at: str) -> dict[str, Any]:
    return {"month": {"S": month}, "at": {"S": at}}


def _row(item: dict[str, Any]) -> Row:
    return Row(
        at=item["at"]["S"].partition("#")[0],
        request=item["request"]["S"],
        who=item["who"]["S"],
        operation=item["operation"]["S"],
        target=json.loads(item["target"]["S"]),
        outcome=item["outcome"]["S"],
        status=int(item.get("status", {"N": "0"})["N"]),
        facts=json.loads(item.get("facts", {"S": "{}"})["S"]),
    )
