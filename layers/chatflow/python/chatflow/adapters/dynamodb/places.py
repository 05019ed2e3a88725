"""Places of table `sessions`: the item `session` of a key. It holds a session, or is an alias of another conversation.

An alias holds no address: its key and `moved_to` are keyed hashes. It has no `state`, so no list shows it. Until the
other conversation adopts a session that moved, its `document` stays in the place. `turn` is a number in every place: a
turn that began before its place became an alias cannot be saved.
"""

from __future__ import annotations

import json
from typing import Any, Final

from chatflow.adapters.dynamodb.items import Item, document, number, schema, text
from chatflow.conversation.identity import Alias, Place
from chatflow.conversation.session import Session
from chatflow.errors import Unreadable

SESSION: Final = "session"


def place_of(row: Item) -> Place:
    """The place that a row of the item `session` is. Raises Unreadable."""
    return Place(
        turn=number(row, "turn"),
        session=Session.from_json(document(row, "the stored session")) if "document" in row else None,
        moved_to=text(row, "moved_to"),
        claimed_at=number(row, "claimed_at"),
        earlier=tuple(text({"key": each}, "key") for each in row.get("earlier", {}).get("L", ())),
        expires_at=number(row, "expires_at"),
    )


def other_place(row: Item) -> Place:
    """The place of another key. One that cannot be read is left as it is, and must not stop this conversation."""
    try:
        return place_of(row)
    except Unreadable:
        return Place(number(row, "turn"))


def put_alias(table: str, alias: Alias) -> dict[str, Any]:
    """The parameters of a Put that writes an alias, on the condition that the place still is what was read."""
    place = alias.place
    item: dict[str, Any] = {
        "conversation": {"S": alias.key},
        "item": {"S": SESSION},
        **schema(),
        "turn": {"N": str(place.turn)},
        "moved_to": {"S": place.moved_to},
        "claimed_at": {"N": str(place.claimed_at)},
        "expires_at": {"N": str(place.expires_at)},
    }
    if place.earlier:
        item["earlier"] = {"L": [{"S": each} for each in place.earlier]}
    if place.session:
        stored = json.dumps(place.session.to_json(), ensure_ascii=False, separators=(",", ":"))
        item["document"] = {"S": stored}
    return {"TableName": table, "Item": item, **is_still(alias.before)}


def is_still(before: Place | None) -> dict[str, Any]:
    """The condition that a place is what was read: free, a session at its turn, or an alias of a conversation."""
    if before is None:
        return {"ConditionExpression": "attribute_not_exists(turn)"}
    values = {":turn": {"N": str(before.turn)}}
    if not before.moved_to:
        return {
            "ConditionExpression": "turn = :turn AND attribute_not_exists(moved_to)",
            "ExpressionAttributeValues": values,
        }
    return {
        "ConditionExpression": "turn = :turn AND moved_to = :moved_to",
        "ExpressionAttributeValues": {**values, ":moved_to": {"S": before.moved_to}},
    }
