"""Places of table `sessions`: the item `session` of a key. It holds a session, or is an alias of another conversation.

An alias holds no address: its key and `moved_to` are keyed hashes. It has no `state`, so no list shows it. Until the
other conversation adopts a session that moved, its `document` stays in the place. `turn` is a number in every place: a
turn that began before its place became an alias cannot be saved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from chatflow.adapters.dynamodb.items import Item, document, number, schema, text
from chatflow.conversation.identity import Alias, Place
from chatflow.conversation.listing import IndexKeys
from chatflow.conversation.session import Session
from chatflow.errors import Unreadable

SESSION: Final = "session"


@dataclass(frozen=True)
class UnreadableSession:
    """A session whose row this release cannot read, by the row's other attributes; "" and 0 where these are missing.

    `reason` holds nothing of the row's content.
    """

    reason: str
    session: str
    turn: int
    flow: str
    version: int
    node: str
    started_at: int
    updated_at: int


def place_of(row: Item) -> Place:
    """The place that a row of the item `session` is. Raises Unreadable."""
    return Place(
        turn=number(row, "turn"),
        session=Session.from_json(document(row, "the stored session")) if "document" in row else None,
        moved_to=text(row, "moved_to"),
        claimed_at=number(row, "claimed_at"),
        earlier=tuple(text({"key": each}, "key") for each in row.get("earlier", {}).get("L", ())),
        expires_at=number(row, "expires_at"),
        listed=IndexKeys(text(row, "state"), text(row, "listed_at")),
        updated_at=number(row, "updated_at"),
    )


def other_place(row: Item) -> Place:
    """The place of another key. One that cannot be read is left as it is, and must not stop this conversation."""
    return own_place(row)[0]


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


def read_session(item: Item) -> Session:
    """The session in its row. Raises Unreadable."""
    session = Session.from_json(document(item, "the stored session"))
    if (session.conversation, session.turn) != (text(item, "conversation"), number(item, "turn")):
        raise Unreadable("the stored session cannot be read: its document is of another conversation or turn")
    return session


def read_or_explain(item: Item) -> Session | UnreadableSession:
    """The session in its row, or why it cannot be read."""
    try:
        return read_session(item)
    except Unreadable as error:
        return UnreadableSession(
            reason=str(error),
            session=text(item, "session"),
            turn=number(item, "turn"),
            flow=text(item, "flow"),
            version=number(item, "version"),
            node=text(item, "at"),
            started_at=number(item, "started_at"),
            updated_at=number(item, "updated_at"),
        )


def own_place(row: Item) -> tuple[Place, UnreadableSession | None]:
    """The place of a turn's own key, and why its session cannot be read, if it cannot."""
    if "moved_to" in row:
        try:
            return place_of(row), None
        except Unreadable:  # the session that moved is lost; what comes under this key still goes where it moved to
            return Place(number(row, "turn"), moved_to=text(row, "moved_to")), None
    found = read_or_explain(row)
    if isinstance(found, UnreadableSession):
        return Place(number(row, "turn"), named=_named_keys(row)), found
    return place_of(row), None


def _named_keys(row: Item) -> tuple[str, ...]:
    """The other keys of a person that a session names which cannot be read: an erasure must reach them."""
    try:
        data = json.loads(text(row, "document"))
    except ValueError:
        return ()
    lists = [data.get("formerly"), data.get("aliases")] if isinstance(data, dict) else []
    found = [each for keys in lists if isinstance(keys, list | dict) for each in keys]
    return tuple(key for key in found if isinstance(key, str) and key.startswith("c_"))
