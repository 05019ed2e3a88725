"""Sessions and turn records in DynamoDB: read at once, saved at once.

Table `sessions`: key `conversation` + `item`, where the item is "session", "turn#<event id>", "letter#<event id>"
(why an event failed for good) or "erased" (chatflow/conversation/erasure.py). Only the
conversation function writes it, and the one that erases, for which it waits. Items with a `state` stand in the index
`by_state`, ordered by time: it holds no address, and nothing that a customer said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.conversation.erasure import ERASED
from chatflow.conversation.session import Session
from chatflow.errors import TurnFailed

_SESSION = "session"
_ROUTES = {"name": {"S": "routes"}, "item": {"S": "live"}}


@dataclass(frozen=True)
class Loaded:
    """What a turn begins with. `repeated` is true when this event already had its turn.

    `erased_at`: when the conversation was to be forgotten (seconds since the epoch), 0 for not of late.
    """

    session: Session | None
    routes: dict[str, Any]
    repeated: bool
    erased_at: int = 0


class Sessions:
    """The store of sessions; also reads the routes, so that a turn begins with a single call."""

    def __init__(self, sessions_table: str, flows_table: str) -> None:
        self._table = sessions_table
        self._flows = flows_table

    def load(self, conversation: str, event_id: str) -> Loaded:
        """The session, the routes, and whether the event was seen before, in one strongly consistent read."""
        keys = [_key(conversation, item) for item in (_SESSION, f"turn#{event_id}", ERASED)]
        requests: dict[str, Any] = {
            self._table: {"Keys": keys, "ConsistentRead": True},
            self._flows: {"Keys": [_ROUTES], "ConsistentRead": True},
        }
        found: list[dict[str, Any]] = []
        routes: dict[str, Any] = {}
        for _ in range(5):
            answer = client("dynamodb").batch_get_item(RequestItems=requests)
            found += answer["Responses"].get(self._table, [])
            for item in answer["Responses"].get(self._flows, []):
                routes = json.loads(item["document"]["S"])
            requests = answer.get("UnprocessedKeys") or {}
            if not requests:
                break
        else:
            raise TurnFailed("DynamoDB did not return all keys of a session; the event is tried again")
        items = {item["item"]["S"]: item for item in found}
        session, erased = items.get(_SESSION), items.get(ERASED)
        return Loaded(
            session=Session.from_json(json.loads(session["document"]["S"])) if session else None,
            routes=routes,
            repeated=f"turn#{event_id}" in items,
            erased_at=int(json.loads(erased["document"]["S"])["at"]) if erased else 0,
        )

    def save(self, session: Session, event_id: str, record: dict[str, Any], now: int) -> None:
        """The session and its turn record, both or neither.

        Raises TurnFailed when another turn of the conversation was saved since this one was loaded.
        """
        dynamodb = client("dynamodb")
        expires = str(now + session.expires_after)
        item = {
            **_key(session.conversation, _SESSION),
            "turn": {"N": str(session.turn)},
            "session": {"S": session.session},
            "state": {"S": session.state},
            "flow": {"S": session.flow},
            "version": {"N": str(session.version)},
            "at": {"S": session.at},
            "started_at": {"N": str(session.started_at)},
            "updated_at": {"N": str(now)},
            "listed_at": {"S": listed_at(now, session.conversation)},
            "expires_at": {"N": expires},
            "document": {"S": _json(session.to_json())},
        }
        put = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "turn = :previous" if session.turn > 1 else "attribute_not_exists(turn)",
        }
        if session.turn > 1:
            put["ExpressionAttributeValues"] = {":previous": {"N": str(session.turn - 1)}}
        try:
            dynamodb.transact_write_items(
                TransactItems=[
                    {"Put": put},
                    {"Put": self._record(session.conversation, event_id, record, expires)},
                ]
            )
        except dynamodb.exceptions.TransactionCanceledException as error:
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            raise TurnFailed(f"turn {session.turn} was not saved: {reasons}; its event is tried again") from None

    def note(self, conversation: str, event_id: str, record: dict[str, Any], expires_at: int) -> None:
        """A turn record without a turn: something to know of that moves no session. A repeated one changes nothing."""
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(**self._record(conversation, event_id, record, str(expires_at)))
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return

    def set_aside(self, conversation: str, event_id: str, letter: dict[str, Any], expires_at: int) -> None:
        """Why an event failed for good. One that was tried again and failed again is known by its last reason."""
        item = {
            **_key(conversation, f"letter#{event_id}"),
            "state": {"S": "dead"},
            "listed_at": {"S": listed_at(letter["at"], conversation)},
            "session": {"S": letter["session"]},
            "turn": {"N": str(letter["turn"])},
            "kind": {"S": letter["kind"]},
            "reason": {"S": letter["reason"]},
            "flow": {"S": letter["flow"]},
            "at": {"S": letter["node"]},
            "updated_at": {"N": str(letter["at"])},
            "expires_at": {"N": str(expires_at)},
            "document": {"S": _json(letter)},
        }
        client("dynamodb").put_item(TableName=self._table, Item=item)

    def _record(self, conversation: str, event_id: str, record: dict[str, Any], expires: str) -> dict[str, Any]:
        item = {
            **_key(conversation, f"turn#{event_id}"),
            "session": {"S": record["session"]},
            "turn": {"N": str(record["turn"])},
            "kind": {"S": record["event"]["kind"]},
            "taken_at": {"N": str(record.get("at", 0))},
            "flow": {"S": record.get("flow", "")},
            "document": {"S": _json(record)},
            "expires_at": {"N": expires},
        }
        return {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(conversation)"}


def listed_at(seconds: int, conversation: str) -> str:
    """Where an item stands in the index: by time, and no two items of a state in the same place."""
    return f"{seconds:010d}#{conversation}"


def _key(conversation: str, item: str) -> dict[str, Any]:
    return {"conversation": {"S": conversation}, "item": {"S": item}}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
