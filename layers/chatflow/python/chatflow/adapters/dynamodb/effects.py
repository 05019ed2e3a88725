"""Effects happen once, or are known to be in doubt.

Table `effects`: key `effect` = conversation/session/turn/event/visit/node/name. `started` is put before the thing is
done, `done` with its result after. An effect that started and never ended is in doubt: the worker died, or the other
side never answered. The index `by_conversation` is for who erases.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any, Literal

from chatflow.adapters.aws import client
from chatflow.conversation.session import SHORTEST_MEMORY_DAYS
from chatflow.errors import ChannelRefused, ChatflowError, InDoubt
from chatflow.nodes.contract import Visit

Result = dict[str, Any]
# How often a thing in doubt may be done again: an API call always (it carries an Idempotency-Key), a send once.
Repeat = Literal["always", "once"]
IN_DOUBT: Result = {"in_doubt": True}


class Effects:
    """The effects of one visit."""

    def __init__(self, table: str, visit: Visit) -> None:
        self._table = table
        self._visit = visit

    def key(self, name: str) -> str:
        """The effect's own key, the same each time that this visit is repeated: it serves as an Idempotency-Key.

        The event is part of it: when one is set aside unsaved, the next takes the same turn, and another file with it.
        """
        visit = self._visit
        event = hashlib.sha256(str(visit.event.get("id", "")).encode()).hexdigest()[:16]
        return f"{visit.conversation.key}/{visit.session}/{visit.turn}/{event}/{visit.visit}/{visit.node}/{name}"

    def once(self, name: str, act: Callable[[], Result], repeat: Repeat) -> Result:
        """Do it, unless it was done: then give what came of it. `{"in_doubt": true}` when it may not be tried again.

        A channel's refusal is a result: it is kept, and raised again. What was certainly not done is forgotten, so that
        it may be done by a later try.
        """
        earlier = self._start(name)
        if earlier is not None:
            if "result" in earlier:
                return _known(json.loads(earlier["result"]["S"]))
            if repeat == "once" and not self._start_again(name):
                return IN_DOUBT
        try:
            result = act()
        except ChannelRefused as error:
            self._finish(name, {"refused": {"code": error.code, "explanation": error.explanation}})
            raise
        except InDoubt:
            if repeat == "once" and earlier is not None:
                return IN_DOUBT  # that was the repetition: failing the turn for it would change nothing
            raise
        except ChatflowError:
            self._forget(name)
            raise
        self._finish(name, result)
        return result

    def _start(self, name: str) -> dict[str, Any] | None:
        """None when the effect begins now, else its record."""
        dynamodb = client("dynamodb")
        expires = int(time.time()) + SHORTEST_MEMORY_DAYS * 86_400
        item = {
            "effect": {"S": self.key(name)},
            "conversation": {"S": self._visit.conversation.key},
            "tries": {"N": "1"},
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
            earlier: dict[str, Any] = error.response.get("Item") or self._read(name)
            return earlier
        return None

    def _start_again(self, name: str) -> bool:
        dynamodb = client("dynamodb")
        try:
            dynamodb.update_item(
                TableName=self._table,
                Key={"effect": {"S": self.key(name)}},
                UpdateExpression="SET tries = :second",
                ConditionExpression="tries = :first",
                ExpressionAttributeValues={":first": {"N": "1"}, ":second": {"N": "2"}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _finish(self, name: str, result: Result) -> None:
        client("dynamodb").update_item(
            TableName=self._table,
            Key={"effect": {"S": self.key(name)}},
            UpdateExpression="SET #result = :result",
            ExpressionAttributeNames={"#result": "result"},
            ExpressionAttributeValues={":result": {"S": json.dumps(result, separators=(",", ":"))}},
        )

    def _forget(self, name: str) -> None:
        client("dynamodb").delete_item(TableName=self._table, Key={"effect": {"S": self.key(name)}})

    def _read(self, name: str) -> dict[str, Any]:
        answer = client("dynamodb").get_item(
            TableName=self._table, Key={"effect": {"S": self.key(name)}}, ConsistentRead=True
        )
        item: dict[str, Any] = answer["Item"]
        return item


def _known(result: Result) -> Result:
    if refused := result.get("refused"):
        raise ChannelRefused(refused["code"], refused["explanation"])
    return {**result, "repeated": True}
