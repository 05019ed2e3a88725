"""Counts the runs of an event that failed, and remembers why the last one did. An event that succeeds costs no call.

Items of the table `sessions`, under "runs#<event id>". SQS counts receives, but it also counts those in which Lambda or
a service throttled us and nothing was tried. The count here has every run that failed by itself, and from the second
receive on every run that began: a worker that died could not count.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, number, schema, text
from chatflow.adapters.dynamodb.sessions import key
from chatflow.tolerant_reader import SCHEMA

RUNS: Final = "runs#"
APOLOGY: Final = "apology"
_DAYS: Final = 15  # longer than an event lies in its queues


@dataclass(frozen=True)
class Runs:
    """The runs of an event so far, and why the last one failed ("" if nothing was recorded)."""

    count: int
    reason: str = ""


class FailedRuns:
    """The counts of one deployment."""

    def __init__(self, sessions_table: str) -> None:
        self._table = sessions_table

    def begin(self, conversation: str, event_id: str) -> Runs:
        """Count a run that begins, and return the runs with it."""
        return _runs(self._change(conversation, event_id, 1, ""))

    def fail(self, conversation: str, event_id: str, reason: str, change: int) -> Runs:
        """Record why a run failed, and add `change` to the count: -1 takes back a run that tried nothing."""
        return _runs(self._change(conversation, event_id, change, reason))

    def forget(self, conversation: str, event_id: str) -> None:
        """Delete the count of an event that was set aside: redriven, it has all its runs again."""
        client("dynamodb").delete_item(TableName=self._table, Key=key(conversation, f"{RUNS}{event_id}"))

    def claim_apology(self, conversation: str, session: str, turn: int) -> bool:
        """Whether the customer has had no apology since this turn of the session. Claims it."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(
                TableName=self._table,
                Item={
                    **key(conversation, APOLOGY),
                    **schema(),
                    "session": {"S": session},
                    "turn": {"N": str(turn)},
                    "expires_at": _expiry(),
                },
                ConditionExpression="attribute_not_exists(conversation) OR #session <> :session OR turn <> :turn",
                ExpressionAttributeNames={"#session": "session"},
                ExpressionAttributeValues={":session": {"S": session}, ":turn": {"N": str(turn)}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _change(self, conversation: str, event_id: str, change: int, reason: str) -> Item:
        values: dict[str, Any] = {":change": {"N": str(change)}, ":expiry": _expiry(), ":schema": schema()[SCHEMA]}
        update = "SET expires_at = :expiry, #schema = :schema"
        if reason:
            update += ", reason = :reason"
            values[":reason"] = {"S": reason}
        answer = client("dynamodb").update_item(
            TableName=self._table,
            Key=key(conversation, f"{RUNS}{event_id}"),
            UpdateExpression=f"{update} ADD runs :change",
            ExpressionAttributeNames={"#schema": SCHEMA},
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
        )
        item: Item = answer["Attributes"]
        return item


def _runs(item: Item) -> Runs:
    return Runs(number(item, "runs"), text(item, "reason"))


def _expiry() -> dict[str, str]:
    return {"N": str(int(time.time()) + _DAYS * 86_400)}
