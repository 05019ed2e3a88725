"""The table `audit`: one row per change, and per reading of what a customer sent.

Key: `month` ("2026-11") and `at` ("<time>#<request>").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Self, cast, get_args

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import number, schema, text
from chatflow.errors import Unreadable
from chatflow.tolerant_reader import read_object

_MAX_QUERIES = 15  # for one page: more than the months for which rows are retained
_ROWS_PER_FILTERED_QUERY = 100  # rows that one query reads to find those of one user
RETENTION_SECONDS = 400 * 86400  # a year, and time to look back on it

AuditResult = Literal["began", "done", "refused", "failed"]


@dataclass(frozen=True)
class AuditRow:
    """One change or reading. `target`: the path parameters. `facts`: what the operation adds by `add_audit_facts`."""

    at: str  # RFC 3339 with microseconds, UTC
    request: str
    who: str
    operation: str
    target: Mapping[str, str]
    outcome: AuditResult = "began"
    status: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def begun(cls, now: float, request: str, who: str, operation: str, target: Mapping[str, str]) -> Self:
        """The row of a change that begins `now` (seconds since the epoch)."""
        at = datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return cls(at, request, who, operation, target)

    @property
    def month(self) -> str:
        return self.at[:7]

    @property
    def sort_key(self) -> str:
        return f"{self.at}#{self.request}"


@dataclass(frozen=True)
class Position:
    """A position in the list of rows: a page continues before `at`, a sort key, in this month."""

    month: str
    at: str

    @classmethod
    def newest(cls, now: float) -> Self:
        """The position after all rows that exist `now` (seconds since the epoch)."""
        month = datetime.fromtimestamp(now, UTC).isoformat()[:7]
        return cls(month, f"{month}-99")

    @classmethod
    def parse(cls, month: str, at: str) -> Self | None:
        """The position of a cursor, None if it is not one."""
        return cls(month, at) if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month) and at.startswith(month) else None

    def previous_month(self, since: str) -> Position | None:
        """The end of the previous month, None if all of that month is older than `since`."""
        year, month = int(self.month[:4]), int(self.month[5:])
        previous = f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
        return Position(previous, f"{previous}-99") if previous >= since[:7] else None


class AuditTable:
    """Reads and writes the rows of one deployment."""

    def __init__(self, table: str) -> None:
        self._table = table

    def write(self, row: AuditRow) -> None:
        """Store a row. Called before its change begins, or before what was read is given out."""
        expires = int(datetime.fromisoformat(row.at).timestamp()) + RETENTION_SECONDS
        item = {
            **_key(row.month, row.sort_key),
            "request": {"S": row.request},
            "who": {"S": row.who},
            "operation": {"S": row.operation},
            "target": {"S": json.dumps(dict(row.target), ensure_ascii=False)},
            "outcome": {"S": row.outcome},
            "expires_at": {"N": str(expires)},
            **schema(),
        }
        if row.status:  # a reading, which is recorded when it is done
            item["status"] = {"N": str(row.status)}
            item["facts"] = {"S": json.dumps(dict(row.facts), ensure_ascii=False)}
        client("dynamodb").put_item(TableName=self._table, Item=item)

    def complete(self, row: AuditRow, outcome: AuditResult, status: int, facts: Mapping[str, Any]) -> None:
        """Store the outcome of the change."""
        client("dynamodb").update_item(
            TableName=self._table,
            Key=_key(row.month, row.sort_key),
            UpdateExpression="SET outcome = :outcome, #status = :status, facts = :facts",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":outcome": {"S": outcome},
                ":status": {"N": str(status)},
                ":facts": {"S": json.dumps(dict(facts), ensure_ascii=False)},
            },
        )

    def page(self, position: Position, *, since: str, who: str, limit: int) -> tuple[list[AuditRow], Position | None]:
        """Rows before a position, the newest first and none older than `since`; and the position of the next page.

        A page of one user's rows may have fewer than `limit`, even none, and still a next page: the number of rows
        that are read for one page is bounded.
        """
        rows: list[AuditRow] = []
        queries = 0
        following: Position | None = position
        while following and len(rows) < limit and queries < _MAX_QUERIES:
            queries += 1
            found, at = self._query(following, since, who, limit - len(rows))
            rows += found
            following = Position(following.month, at) if at else following.previous_month(since)
        return rows, following

    def _query(self, position: Position, since: str, who: str, limit: int) -> tuple[list[AuditRow], str]:
        """At most `limit` rows of one month, and the sort key before which its next rows are, "" after the last."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#month = :month AND #at BETWEEN :since AND :before",
            "ExpressionAttributeNames": {"#month": "month", "#at": "at"},
            "ExpressionAttributeValues": {
                ":month": {"S": position.month},
                ":since": {"S": min(since, position.at)},
                ":before": {"S": position.at},
            },
            "ScanIndexForward": False,
            "Limit": max(limit, 1) if not who else _ROWS_PER_FILTERED_QUERY,
        }
        if who:
            query["FilterExpression"] = "#who = :who"
            query["ExpressionAttributeNames"]["#who"] = "who"
            query["ExpressionAttributeValues"][":who"] = {"S": who}
        response = client("dynamodb").query(**query)
        rows = [_parse_row(item) for item in response["Items"] if item["at"]["S"] != position.at]
        if len(rows) > limit:
            return rows[:limit], rows[limit - 1].sort_key
        return rows, response.get("LastEvaluatedKey", {}).get("at", {}).get("S", "")


def _key(month: str, at: str) -> dict[str, Any]:
    return {"month": {"S": month}, "at": {"S": at}}


def _parse_row(item: dict[str, Any]) -> AuditRow:
    outcome = text(item, "outcome")
    return AuditRow(
        at=item["at"]["S"].partition("#")[0],
        request=text(item, "request"),
        who=text(item, "who"),
        operation=text(item, "operation"),
        target={name: str(value) for name, value in _parse_object(item, "target").items()},
        outcome=cast(AuditResult, outcome) if outcome in get_args(AuditResult) else "began",
        status=number(item, "status"),
        facts=_parse_object(item, "facts"),
    )


def _parse_object(item: dict[str, Any], field: str) -> dict[str, Any]:
    """The JSON object in a field; empty when there is none, or none that can be read: the row is shown all the same."""
    try:
        return read_object(text(item, field), "the audit row")
    except Unreadable:
        return {}
