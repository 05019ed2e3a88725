"""Reads of table `sessions` what a timer that has fired must know: a few attributes of the item `session`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, number, text
from chatflow.adapters.dynamodb.places import SESSION
from chatflow.conversation.deadlines import Awaited

ATTRIBUTES: Final = ("conversation", "session", "turn", "deadline", "timer")  # all that the reader may see


def written(deadline: int, timer: int) -> Item:
    """The attributes of a session that is saved."""
    return {"deadline": {"N": str(deadline)}, "timer": {"N": str(timer)}}


def awaited(table: str, conversations: Iterable[str]) -> dict[str, Awaited]:
    """What the sessions of at most 100 conversations wait for, in one strongly consistent read.

    Left out is a conversation without a session here, one whose session an earlier version saved, and one that DynamoDB
    did not return because it was throttled.
    """
    keys = [{"conversation": {"S": each}, "item": {"S": SESSION}} for each in dict.fromkeys(conversations)]
    if not keys:
        return {}
    names = {f"#{name}": name for name in ATTRIBUTES}
    request: dict[str, Any] = {
        "Keys": keys,
        "ConsistentRead": True,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }
    rows = client("dynamodb").batch_get_item(RequestItems={table: request})["Responses"].get(table, [])
    return {text(row, "conversation"): _awaited(row) for row in rows if "deadline" in row}


def _awaited(row: Item) -> Awaited:
    return Awaited(
        conversation=text(row, "conversation"),
        session=text(row, "session"),
        turn=number(row, "turn"),
        deadline=number(row, "deadline"),
        timer=number(row, "timer"),
    )
