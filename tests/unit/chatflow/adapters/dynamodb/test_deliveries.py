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
