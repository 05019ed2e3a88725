"""The function `delivery_statuses`, on AWS as moto plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.aws import client
from chatflow.conversation.statuses import Status, pack
from chatflow.messages import Delivery
from chatflow.settings import DeliveryStatusesSettings
from delivery_statuses import handler
from tests.fakes.aws_account import an_account, create_table


@pytest.fixture
def queue_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with an_account(monkeypatch):
        handler._dependencies.cache_clear()
        create_table("deliveries", "message")
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = str(client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"])
        for name, value in DeliveryStatusesSettings("deliveries", url).to_environment().items():
            monkeypatch.setenv(name, value)
        yield url
    handler._dependencies.cache_clear()


def handle(*statuses: Status) -> dict[str, Any]:
    records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(pack(statuses))]
    return handler.lambda_handler({"Records": records}, None)


def status(number: int, reported: Any = "delivered", **more: Any) -> Status:
    return Status("c_ann", Delivery(f"wamid.{number}", "whatsapp", "106", "1650", reported, 1, **more))


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client("dynamodb").scan(TableName="deliveries")["Items"]
    return found


def test_every_status_is_stored_also_one_of_a_message_that_nobody_sent_and_each_row_expires(queue_url: str) -> None:
    assert handle(*(status(number) for number in range(200))) == {"batchItemFailures": []}
    assert len(rows()) == 200
    assert all(int(row["expires_at"]["N"]) > 0 for row in rows())


def test_a_failure_is_an_event_in_the_order_of_its_conversation_and_counted_by_reason(
    queue_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    handle(status(1, "failed", code=131053, reason="file"), status(2))
    (message,) = client("sqs").receive_message(QueueUrl=queue_url, AttributeNames=["MessageGroupId"])["Messages"]
    assert message["Attributes"]["MessageGroupId"] == "c_ann"
    assert json.loads(message["Body"])["reason"] == "file"
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert any(each.get("Undelivered") == [1.0] and each["reason"] == "file" for each in metrics)


def test_no_id_of_a_message_reaches_the_logs(queue_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    handle(status(7, "failed"))
    assert "wamid" not in capsys.readouterr().out
