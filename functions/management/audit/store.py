"""Who changed what, and when: table `audit`, key `month` ("2026-11") + `at` ("<time>#<request>")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Self, cast

from chatflow.adapters.aws import client

_MOST_LOOKS = 15  # queries for one page: more than the months for which rows are kept
_LOOKED_AT = 100  # rows in one look for those of one user
KEPT_SECONDS = 400 * 86400  # a year, and what it takes to look back on it

Outcome = Literal["began", "done", "refused", "failed"]


@dataclass(frozen=True)
class Row:
    """One change. `target`: what the path named; `facts`: what else the operation mentions."""

    at: str  # RFC 3339 with microseconds, UTC
    request: str
    who: str
    operation: str
    target: Mapping[str, str]
    outcome: Outcome = "began"
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


@dataclass(frozen=True)
class Place:
    """Where a list of rows goes on: before `at` (the sort key of a row that was shown), in that month."""

    month: str
    at: str

    @classmethod
    def at_the_end(cls, now: float) -> Self:
        month = datetime.fromtimestamp(now, UTC).isoformat()[:7]
        return cls(month, f"{month}-99")

    @classmethod
    def read(cls, month: str, at: str) -> Self | None:
        """A place as it was handed out; None when it is none."""
        return cls(month, at) if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month) and at.startswith(month) else None

    def previous(self, since: str) -> Place | None:
        """The end of the month before, unless all of that is older than `since`."""
        year, month = int(self.month[:4]), int(self.month[5:])
        before = f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
        return Place(before, f"{before}-99") if before >= since[:7] else None


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

    def complete(self, row: Row, outcome: Outcome, status: int, facts: Mapping[str, Any]) -> None:
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

    def page(self, place: Place, *, since: str, who: str, limit: int) -> tuple[list[Row], Place | None]:
        """Rows before a place, the newest first and none older than `since`; and where the next page begins.

        A page of one user's rows may hold fewer than `limit`, even none, and yet have a next: rows of others were
        looked at to find them.
        """
        rows: list[Row] = []
        looks = 0
        month: Place | None = place
        while month and len(rows) < limit and looks < _MOST_LOOKS:
            looks += 1
            found, at = self._look(month, since, who, limit - len(rows))
            rows += found
            month = Place(month.month, at) if at else month.previous(since)
        return rows, month

    def _look(self, place: Place, since: str, who: str, limit: int) -> tuple[list[Row], str]:
        asked: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#month = :month AND #at BETWEEN :since AND :before",
            "ExpressionAttributeNames": {"#month": "month", "#at": "at"},
            "ExpressionAttributeValues": {
                ":month": {"S": place.month},
                ":since": {"S": min(since, place.at)},
                ":before": {"S": place.at},
            },
            "ScanIndexForward": False,
            "Limit": max(limit, 1) if not who else _LOOKED_AT,
        }
        if who:
            asked["FilterExpression"] = "#who = :who"
            asked["ExpressionAttributeNames"]["#who"] = "who"
            asked["ExpressionAttributeValues"][":who"] = {"S": who}
        answer = client("dynamodb").query(**asked)
        rows = [_row(item) for item in answer["Items"] if item["at"]["S"] != place.at]
        kept = rows[:limit]
        if len(rows) > len(kept):
            return kept, kept[-1].sort
        return kept, answer.get("LastEvaluatedKey", {}).get("at", {}).get("S", "")


def _key(month: str, at: str) -> dict[str, Any]:
    return {"month": {"S": month}, "at": {"S": at}}


def _row(item: dict[str, Any]) -> Row:
    return Row(
        at=item["at"]["S"].partition("#")[0],
        request=item["request"]["S"],
        who=item["who"]["S"],
        operation=item["operation"]["S"],
        target=json.loads(item["target"]["S"]),
        outcome=cast(Outcome, item["outcome"]["S"]),
        status=int(item.get("status", {"N": "0"})["N"]),
        facts=json.loads(item.get("facts", {"S": "{}"})["S"]),
    )
