"""The function `delayed_events`: an event whose time has come joins its conversation's queue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.conversation.events import Event, timeout_event
from chatflow.conversation.queued_events import read_event
from delayed_events.handler import lambda_handler
from tests.fakes.aws_account import an_account


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    with an_account(monkeypatch):
        from chatflow.adapters.aws import client

        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
        monkeypatch.setenv("CHATFLOW_EVENTS_QUEUE_URL", url)
        yield client("sqs"), url


def delivered(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def received(queue: tuple[Any, str]) -> list[dict[str, Any]]:
    sqs, url = queue
    return list(
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"]).get("Messages", [])
    )


def timer(conversation: str = "c_ann") -> Event:
    return timeout_event(conversation, "s_1", 3, 1_760_000_600)


def test_an_event_is_forwarded_into_the_group_of_its_conversation(queue: tuple[Any, str]) -> None:
    assert lambda_handler(delivered(json.dumps(timer())), None) == {"batchItemFailures": []}
    (message,) = received(queue)
    assert read_event(message["Body"]) == timer()
    assert message["Attributes"]["MessageGroupId"] == "c_ann"


def test_an_event_that_is_delivered_twice_is_queued_once(queue: tuple[Any, str]) -> None:
    lambda_handler(delivered(json.dumps(timer()), json.dumps(timer())), None)
    assert len(received(queue)) == 1


def test_one_event_that_cannot_be_forwarded_does_not_hold_up_the_others(queue: tuple[Any, str]) -> None:
    answer = lambda_handler(delivered("{", json.dumps(timer()), json.dumps(timer("c_bob"))), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert len(received(queue)) == 2
