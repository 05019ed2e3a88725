"""Drafts of flows: one item in the table `flows`, whose revision only ever grows, also when it is deleted in between.

So a revision that someone read long ago never fits a draft that was begun anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.errors import Overtaken


@dataclass(frozen=True)
class Draft:
    """What somebody is writing. `updated_at` is in seconds since the epoch."""

    text: str
    revision: int
    updated_at: int
    by: str


class Drafts:
    """The drafts of one deployment."""

    def __init__(self, flows_table: str) -> None:
        self._table = flows_table

    def get(self, flow: str) -> Draft | None:
        """The draft, if there is one."""
        item = client("dynamodb").get_item(TableName=self._table, Key=_key(flow), ConsistentRead=True).get("Item", {})
        if "text" not in item:
            return None
        return Draft(item["text"]["S"], int(item["revision"]["N"]), int(item["updated_at"]["N"]), item["by"]["S"])

    def save(self, flow: str, text: str, *, title: str, seen: int | None, by: str, now: int) -> int:
        """Keep the draft and give its revision. `seen` is the revision that is replaced, None when there is none.

        Raises Overtaken when it is another one by now.
        """
        values: dict[str, Any] = {
            ":text": {"S": text},
            ":title": {"S": title},
            ":by": {"S": by},
            ":now": {"N": str(now)},
            ":listed": {"S": "flow"},
        }
        kept = self._update(
            flow,
            seen,
            "SET #text = :text, title = :title, #by = :by, updated_at = :now, listed = :listed, "
            "revision = if_not_exists(revision, :none) + :one",
            values | {":none": {"N": "0"}, ":one": {"N": "1"}},
            {"#by": "by"},
        )
        return int(kept["revision"]["N"])

    def drop(self, flow: str, seen: int) -> None:
        """Forget the draft. Raises Overtaken when it is not the one that was seen."""
        self._update(flow, seen, "REMOVE #text, title, listed", {}, {})

    def _update(
        self, flow: str, seen: int | None, update: str, values: dict[str, Any], names: dict[str, str]
    ) -> dict[str, Any]:
        dynamodb = client("dynamodb")
        condition = "attribute_not_exists(#text)" if seen is None else "attribute_exists(#text) AND revision = :seen"
        if seen is not None:
            values = values | {":seen": {"N": str(seen)}}
        asked = {"ExpressionAttributeValues": values} if values else {}
        try:
            answer = dynamodb.update_item(
                TableName=self._table,
                Key=_key(flow),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#text": "text", **names},
                ReturnValues="ALL_NEW",
                **asked,
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            raise Overtaken(f"the draft of {flow} was changed meanwhile") from None
        kept: dict[str, Any] = answer["Attributes"]
        return kept


def _key(flow: str) -> dict[str, Any]:
    return {"name": {"S": flow}, "item": {"S": "draft"}}
