"""What became of the messages that we sent: one item a message, whose status never moves backwards."""

from __future__ import annotations

import time

from chatflow.adapters.aws import client
from chatflow.conversation.session import SHORTEST_MEMORY_DAYS
from chatflow.messages import DELIVERY_RANK, Delivery


def record(table: str, delivery: Delivery, conversation: str) -> None:
    """Keep the status, if it is news: a channel reports more than once, and out of order."""
    dynamodb = client("dynamodb")
    rank = DELIVERY_RANK[delivery.status]
    expires = int(time.time()) + SHORTEST_MEMORY_DAYS * 86_400
    try:
        dynamodb.update_item(
            TableName=table,
            Key={"message": {"S": f"{delivery.channel}/{delivery.account}/{delivery.message_id}"}},
            UpdateExpression="SET conversation = :conversation, #status = :status, #rank = :rank, #at = :at, "
            "code = :code, explanation = :explanation, expires_at = :expires",
            ConditionExpression="attribute_not_exists(#rank) OR #rank < :rank",
            ExpressionAttributeNames={"#status": "status", "#rank": "rank", "#at": "at"},
            ExpressionAttributeValues={
                ":conversation": {"S": conversation},
                ":status": {"S": delivery.status},
                ":rank": {"N": str(rank)},
                ":at": {"N": str(delivery.at)},
                ":code": {"N": str(delivery.code)},
                ":explanation": {"S": delivery.explanation},
                ":expires": {"N": str(expires)},
            },
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return
