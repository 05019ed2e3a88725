"""Delivery statuses, on DynamoDB as moto plays it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb import deliveries
from chatflow.messages import Delivery

NOW = 1_760_000_000


@pytest.mark.parametrize(
    ("reported", "stored"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "delivered"], "delivered"),
        (["sent", "failed"], "failed"),
    ],
)
def test_a_delivery_status_never_moves_backwards(
    table: Any, aws_account: Any, reported: list[Any], stored: str
) -> None:
    name = table("deliveries", "message")
    for status in reported:
        deliveries.record(name, Delivery("wamid.out", "whatsapp", "106", "1650", status, NOW), "c_ann")
    (item,) = aws_account("dynamodb").scan(TableName=name)["Items"]
    assert item["status"]["S"] == stored
    assert "1650" not in str(item)


def test_a_message_in_doubt_is_found_by_its_tag_among_those_of_its_conversation(table: Any) -> None:
    name = table("deliveries", "message", by_conversation=("conversation",))
    tags = {"wamid.1": "", "wamid.a/b": "c_ann/s_1/2/ask", "wamid.3": "c_ann/s_1/2/ask#1"}
    for message_id, tag in tags.items():
        deliveries.record(name, Delivery(message_id, "whatsapp", "106", "1650", "sent", NOW, tag=tag), "c_ann")
    assert deliveries.message_with_tag(name, "c_ann", "c_ann/s_1/2/ask") == "wamid.a/b"
    assert deliveries.message_with_tag(name, "c_ann", "c_ann/s_1/2/ask#1") == "wamid.3"
    assert deliveries.message_with_tag(name, "c_ann", "c_ann/s_1/3/ask") == ""
    assert deliveries.message_with_tag(name, "c_bob", "c_ann/s_1/2/ask") == ""
