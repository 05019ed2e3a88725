"""Drafts of flows: one item for each flow in the table `flows`.

The revision of a draft grows with every change, also after the draft was deleted: an outdated revision never matches a
draft that was begun anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import Item, get_item, number, schema, text
from chatflow.adapters.dynamodb.version_items import DRAFT, index_field, key
from chatflow.errors import Overtaken
from chatflow.tolerant_reader import SCHEMA


@dataclass(frozen=True)
class Draft:
    """The draft of a flow. `text` is YAML, `updated_at` in seconds since the epoch, `by` a user's name."""

    text: str
    revision: int
    updated_at: int
    by: str


class DraftStore:
    """The drafts of a deployment."""

    def __init__(self, flows_table: str) -> None:
        self._table = flows_table

    def get(self, flow: str) -> Draft | None:
        """The draft, if there is one."""
        item = get_item(self._table, key(flow, DRAFT), consistent=True)
        if item is None or "text" not in item:
            return None
        return Draft(text(item, "text"), number(item, "revision"), number(item, "updated_at"), text(item, "by"))

    def save(self, flow: str, text: str, *, title: str, seen: int | None, by: str, now: int) -> int:
        """Save the draft, and return its revision. `seen` is the revision that it replaces, None for a new draft.

        Raises Overtaken when the draft is at another revision.
        """
        values: Item = {
            ":text": {"S": text},
            ":title": {"S": title},
            ":by": {"S": by},
            ":now": {"N": str(now)},
            ":listed": index_field("flow")["listed"],
        }
        saved = self._update(
            flow,
            seen,
            "SET #text = :text, title = :title, #by = :by, updated_at = :now, listed = :listed, "
            "revision = if_not_exists(revision, :none) + :one, #schema = :schema",
            values | {":none": {"N": "0"}, ":one": {"N": "1"}, ":schema": schema()[SCHEMA]},
            {"#by": "by", "#schema": SCHEMA},
        )
        return int(saved["revision"]["N"])

    def drop(self, flow: str, seen: int) -> None:
        """Delete the draft; its revision stays stored. Raises Overtaken when it is not at the revision `seen`."""
        self._update(flow, seen, "REMOVE #text, title, listed", {}, {})

    def _update(self, flow: str, seen: int | None, update: str, values: Item, names: dict[str, str]) -> Item:
        """Returns the item after the update."""
        dynamodb = client("dynamodb")
        condition = "attribute_not_exists(#text)" if seen is None else "attribute_exists(#text) AND revision = :seen"
        if seen is not None:
            values = values | {":seen": {"N": str(seen)}}
        request: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        try:
            response = dynamodb.update_item(
                TableName=self._table,
                Key=key(flow, DRAFT),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#text": "text", **names},
                ReturnValues="ALL_NEW",
                **request,
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            raise Overtaken(f"the draft of {flow} was changed meanwhile") from None
        item: Item = response["Attributes"]
        return item
