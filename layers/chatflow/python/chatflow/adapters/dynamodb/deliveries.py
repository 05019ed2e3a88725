"""Table `deliveries`: the delivery status of each message that we sent.

The key `message` is channel/account/message id. A status never moves backwards. The index `by_conversation` finds the
rows of a contact to erase.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chatflow.adapters.aws import client
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.messages import DELIVERY_RANK, Delivery
from chatflow.tolerant_reader import SCHEMA, SCHEMA_VERSION


def record(table: str, delivery: Delivery, conversation: str) -> None:
    """Store the status unless a later one is stored: a channel reports more than once, and out of order."""
    dynamodb = client("dynamodb")
    rank = DELIVERY_RANK[delivery.status]
    expires = int(time.time()) + MIN_RETENTION_DAYS * 86_400
    try:
        dynamodb.update_item(
            TableName=table,
            Key={"message": {"S": f"{delivery.channel}/{delivery.account}/{delivery.message_id}"}},
            UpdateExpression="SET conversation = :conversation, #status = :status, #rank = :rank, #at = :at, "
            "code = :code, explanation = :explanation, reason = :reason, tag = :tag, expires_at = :expires, "
            "#schema = :schema",
            ConditionExpression="attribute_not_exists(#rank) OR #rank < :rank",
            ExpressionAttributeNames={"#status": "status", "#rank": "rank", "#at": "at", "#schema": SCHEMA},
            ExpressionAttributeValues={
                ":conversation": {"S": conversation},
                ":status": {"S": delivery.status},
                ":rank": {"N": str(rank)},
                ":at": {"N": str(delivery.at)},
                ":code": {"N": str(delivery.code)},
                ":explanation": {"S": delivery.explanation},
                ":reason": {"S": delivery.reason},
                ":tag": {"S": delivery.tag},
                ":expires": {"N": str(expires)},
                ":schema": {"N": str(SCHEMA_VERSION)},
            },
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return


def statuses(table: str, channel: str, account: str, message_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The statuses of messages that we sent, by message id: status, at, code, explanation. Unknown ids are left out.

    Raises Unavailable when DynamoDB keeps leaving keys out.
    """
    from chatflow.adapters.dynamodb.items import batch_get, number, text  # not needed by the webhook, which only writes

    prefix = f"{channel}/{account}/"
    keys = [{"message": {"S": f"{prefix}{id}"}} for id in dict.fromkeys(message_ids)]
    return {
        item["message"]["S"].removeprefix(prefix): {
            "status": text(item, "status") or "unknown",
            "at": number(item, "at"),
            "code": number(item, "code"),
            "explanation": text(item, "explanation"),
            "reason": text(item, "reason"),
        }
        for item in batch_get(table, keys, consistent=False)
    }


def message_with_tag(table: str, conversation: str, tag: str) -> str:
    """The id of the message that was sent with this tag, "" when no status of one has arrived.

    Reads the keys of all messages of the conversation, then their rows: for a message in doubt, which is rare.
    """
    from chatflow.adapters.dynamodb.items import batch_get, query, text
    from chatflow.adapters.dynamodb.row_deletion import BY_CONVERSATION

    values = {":conversation": {"S": conversation}}
    keys = [
        {"message": item["message"]}
        for item in query(table, "conversation = :conversation", values, IndexName=BY_CONVERSATION)
    ]
    for item in batch_get(table, keys, consistent=True):
        if text(item, "tag") == tag:
            return text(item, "message").split("/", 2)[2]
    return ""


@dataclass(frozen=True)
class DeliveryEraser:
    """Deletes the delivery statuses of one conversation."""

    table: str

    def erase(self, conversation: str, in_time: Callable[[], bool]) -> dict[str, int]:
        from chatflow.adapters.dynamodb.row_deletion import delete_by_conversation

        return {"deliveries": delete_by_conversation(self.table, "message", conversation, in_time)}
