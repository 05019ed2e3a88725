"""How many sessions run on a flow: those that wait for their customer, and those whose turn goes on."""

from __future__ import annotations

from typing import Any

from chatflow.adapters.aws import client

_STATES = ("waiting", "continuing")


def running(sessions_table: str, flow: str) -> int:
    """Counted in the index `by_state`, which may be a moment behind."""
    return sum(_count(sessions_table, flow, state) for state in _STATES)


def _count(table: str, flow: str, state: str) -> int:
    asked: dict[str, Any] = {
        "TableName": table,
        "IndexName": "by_state",
        "KeyConditionExpression": "#state = :state",
        "FilterExpression": "flow = :flow",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {":state": {"S": state}, ":flow": {"S": flow}},
        "Select": "COUNT",
    }
    counted = 0
    while True:
        page = client("dynamodb").query(**asked)
        counted += int(page["Count"])
        if "LastEvaluatedKey" not in page:
            return counted
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
