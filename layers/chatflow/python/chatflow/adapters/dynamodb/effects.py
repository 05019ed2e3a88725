"""Table `effects`: performs each effect of a visit once, or reports that it is in doubt.

The key `effect` is conversation/session/turn/event/visit/node/name. A row is put before the effect is performed, and
its result is added afterwards. A row without a result is in doubt: the worker died, or the other side never answered.
The index `by_conversation` finds the rows of a contact to erase.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chatflow.adapters.aws import best_effort, client
from chatflow.adapters.dynamodb.items import schema
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.errors import ChannelRefused, ChatflowError, HostBusy, HostOpen, InDoubt, Unavailable
from chatflow.integrations.host_health import Health, health_without_answer
from chatflow.nodes.contract import Visit
from chatflow.tolerant_reader import read_object

Result = dict[str, Any]
Write = dict[str, Any]  # one item of a transaction, such as {"Put": ...}


class Taking(Protocol):
    """Takes what an effect needs, in one transaction with the record: a slot at a host, or one of an account's rate."""

    def take(self, write: Write | None = None) -> Mapping[str, Any] | None: ...


class Slot(Taking, Protocol):
    """A slot at the host of a call: `chatflow.adapters.dynamodb.hosts.HostSlot`."""

    health: Health

    def give_back(self, health: Health, write: Write | None = None) -> None: ...


class NoSlot:
    """The slot of an effect that needs none: it makes the write alone."""

    health: Health = "success"

    def take(self, write: Write | None = None) -> Mapping[str, Any] | None:
        dynamodb = client("dynamodb")
        try:
            if write:
                dynamodb.put_item(**write["Put"])
        except dynamodb.exceptions.ConditionalCheckFailedException as error:
            item: Mapping[str, Any] = error.response.get("Item") or {}
            return item
        return None

    def give_back(self, _health: Health, write: Write | None = None) -> None:
        dynamodb = client("dynamodb")
        if write and "Update" in write:
            dynamodb.update_item(**write["Update"])
        elif write:
            dynamodb.delete_item(**write["Delete"])


class Effects:
    """The effects of one visit."""

    def __init__(self, table: str, visit: Visit) -> None:
        self._table = table
        self._visit = visit

    def key(self, name: str) -> str:
        return self._visit.effect_key(name)

    def call(self, name: str, act: Callable[[], Result], slot: Slot | None = None) -> Result:
        """Perform an API call unless it was performed before; returns its result, with `repeated` for an earlier one.

        A call in doubt is always repeated, because it carries an Idempotency-Key. A call that certainly did not happen
        is deleted, so that a later attempt may perform it. The call has its host's `slot`, where hosts have slots:
        it is taken and given back with the record. Raises HostBusy, HostOpen when there is none; InDoubt when there is
        none for a repetition.
        """
        key = self.key(name)
        slot = slot or NoSlot()
        earlier = slot.take(self._put(key))
        if earlier is not None:
            earlier = earlier or self._read(key)
            if "result" in earlier:
                return _stored_result(read_object(earlier["result"].get("S"), "the stored result of an effect"))
            try:
                slot.take()
            except (HostBusy, HostOpen) as error:  # this time no call was made, the earlier one stays in doubt
                raise InDoubt(f"a call was made before and its answer is not known; now {error}") from error
        try:
            result = act()
        except InDoubt as error:
            with best_effort():  # the slot expires by itself, and the error says what became of the call
                slot.give_back(health_without_answer(error))
            raise
        except ChatflowError as error:
            with best_effort():
                slot.give_back(health_without_answer(error), self._deletion(key))
            raise
        slot.give_back(slot.health, self._result(key, result))
        return result

    def send(self, key: str, act: Callable[[int], Result], slot: Taking | None = None) -> Result:
        """Make one attempt to send a message unless it was made before; returns its result, likewise.

        `act` gets the number of earlier attempts under this key that are in doubt, because their worker died: 0 or 1.
        With 2 it is not called, and the result is `{"in_doubt": true}`. A channel's refusal is a result: it is stored,
        and raised again. After any other error of ours nothing was sent, and the row is deleted. The message has the
        `slot` of its account, which is taken with the record: raises Paced, ChannelUnavailable when it must wait.
        """
        earlier = self._start(key, slot or NoSlot())
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

    def _start(self, key: str, slot: Taking) -> dict[str, Any] | None:
        """None when the effect starts now, else its row."""
        try:
            earlier = slot.take(self._put(key))
        except Unavailable:  # it must wait, unless an earlier run of this visit has begun to send it
            if earlier := self._find(key):
                return earlier
            raise
        return None if earlier is None else dict(earlier) or self._read(key)

    def _put(self, key: str) -> Write:
        expires = int(time.time()) + MIN_RETENTION_DAYS * 86_400
        item = {
            "effect": {"S": key},
            "conversation": {"S": self._visit.conversation.key},
            "tries": {"N": "1"},
            **schema(),
            "expires_at": {"N": str(expires)},
        }
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(effect)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _result(self, key: str, result: Result) -> Write:
        return {
            "Update": {
                "TableName": self._table,
                "Key": {"effect": {"S": key}},
                "UpdateExpression": "SET #result = :result",
                "ExpressionAttributeNames": {"#result": "result"},
                "ExpressionAttributeValues": {":result": {"S": json.dumps(result, separators=(",", ":"))}},
            }
        }

    def _deletion(self, key: str) -> Write:
        return {"Delete": {"TableName": self._table, "Key": {"effect": {"S": key}}}}

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
        NoSlot().give_back("success", self._result(key, result))

    def _delete(self, key: str) -> None:
        NoSlot().give_back("success", self._deletion(key))

    def _read(self, key: str) -> dict[str, Any]:
        found = self._find(key)
        assert found, "the row was there a moment ago"  # noqa: S101
        return found

    def _find(self, key: str) -> dict[str, Any]:
        """The row, {} for none."""
        answer = client("dynamodb").get_item(TableName=self._table, Key={"effect": {"S": key}}, ConsistentRead=True)
        item: dict[str, Any] = answer.get("Item") or {}
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
