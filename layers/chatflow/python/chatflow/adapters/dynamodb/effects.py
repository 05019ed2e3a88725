"""Table `effects`: performs each effect of a visit once, or reports that it is in doubt.

The key `effect` is conversation/session/turn/event/visit/node/name. A row is put before the effect is performed, and
its result is added afterwards. A row without a result is in doubt: the worker died, or the other side never answered.
The index `by_conversation` finds the rows of a contact to erase.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.items import schema
from chatflow.conversation.session import MIN_RETENTION_DAYS
from chatflow.errors import ChannelRefused, ChatflowError, InDoubt
from chatflow.nodes.contract import Visit
from chatflow.tolerant_reader import read_object

Result = dict[str, Any]


class Effects:
    """The effects of one visit."""

    def __init__(self, table: str, visit: Visit) -> None:
        self._table = table
        self._visit = visit

    def key(self, name: str) -> str:
        """The key of an effect, the same whenever this visit is repeated: it serves as an Idempotency-Key.

        The event is part of it: when an event fails for good, its turn is not saved, and the next event takes the same
        turn number with another file.
        """
        visit = self._visit
        event = hashlib.sha256(str(visit.event.get("id", "")).encode()).hexdigest()[:16]
        return f"{visit.conversation.first_key}/{visit.session}/{visit.turn}/{event}/{visit.visit}/{visit.node}/{name}"

    def call(self, name: str, act: Callable[[], Result]) -> Result:
        """Perform an API call unless it was performed before; returns its result, with `repeated` for an earlier one.

        A call in doubt is always repeated, because it carries an Idempotency-Key. A call that certainly did not happen
        is deleted, so that a later attempt may perform it.
        """
        key = self.key(name)
        earlier = self._start(key)
        if earlier is not None and "result" in earlier:
            return _stored_result(read_object(earlier["result"].get("S"), "the stored result of an effect"))
        try:
            result = act()
        except InDoubt:
            raise
        except ChatflowError:
            self._delete(key)
            raise
        self._finish(key, result)
        return result

    def send(self, key: str, act: Callable[[int], Result]) -> Result:
        """Make one attempt to send a message unless it was made before; returns its result, likewise.

        `act` gets the number of earlier attempts under this key that are in doubt, because their worker died: 0 or 1.
        With 2 it is not called, and the result is `{"in_doubt": true}`. A channel's refusal is a result: it is stored,
        and raised again. After any other error of ours nothing was sent, and the row is deleted.
        """
        earlier = self._start(key)
        if earlier is not None:
            if "result" in earlier:
                return _stored_result(read_object(earlier["result"].get("S"), "the stored result of an effect"))
            if not self._start_again(key):
                return {"in_doubt": True}
        try:
            result = act(0 if earlier is None else 1)
        except ChannelRefused as error:
            refused = {"code": error.code, "explanation": error.explanation, "cause": error.cause}
            self._finish(key, {"refused": refused})
            raise
        except ChatflowError:
            if earlier is None:
                self._delete(key)
            raise
        self._finish(key, result)
        return result

    def _start(self, key: str) -> dict[str, Any] | None:
        """None when the effect starts now, else its row."""
        dynamodb = client("dynamodb")
        expires = int(time.time()) + MIN_RETENTION_DAYS * 86_400
        item = {
            "effect": {"S": key},
            "conversation": {"S": self._visit.conversation.key},
            "tries": {"N": "1"},
            **schema(),
            "expires_at": {"N": str(expires)},
        }
        try:
            dynamodb.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(effect)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except dynamodb.exceptions.ConditionalCheckFailedException as error:
            earlier: dict[str, Any] = error.response.get("Item") or self._read(key)
            return earlier
        return None

    def _start_again(self, key: str) -> bool:
        dynamodb = client("dynamodb")
        try:
            dynamodb.update_item(
                TableName=self._table,
                Key={"effect": {"S": key}},
                UpdateExpression="SET tries = :second",
                ConditionExpression="tries = :first",
                ExpressionAttributeValues={":first": {"N": "1"}, ":second": {"N": "2"}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _finish(self, key: str, result: Result) -> None:
        client("dynamodb").update_item(
            TableName=self._table,
            Key={"effect": {"S": key}},
            UpdateExpression="SET #result = :result",
            ExpressionAttributeNames={"#result": "result"},
            ExpressionAttributeValues={":result": {"S": json.dumps(result, separators=(",", ":"))}},
        )

    def _delete(self, key: str) -> None:
        client("dynamodb").delete_item(TableName=self._table, Key={"effect": {"S": key}})

    def _read(self, key: str) -> dict[str, Any]:
        answer = client("dynamodb").get_item(TableName=self._table, Key={"effect": {"S": key}}, ConsistentRead=True)
        item: dict[str, Any] = answer["Item"]
        return item


def _stored_result(result: Result) -> Result:
    """A result of an earlier attempt. Raises ChannelRefused when it is a refusal."""
    if refused := result.get("refused"):
        raise ChannelRefused(refused.get("code", 0), refused.get("explanation", ""), refused.get("cause", "unknown"))
    return {**result, "repeated": True}


@dataclass(frozen=True)
class EffectEraser:
    """Deletes the effects of one conversation."""

    table: str

    def erase(self, conversation: str, in_time: Callable[[], bool]) -> dict[str, int]:
        from chatflow.adapters.dynamodb.row_deletion import delete_by_conversation

        return {"effects": delete_by_conversation(self.table, "effect", conversation, in_time)}
