"""The queue of events, on SQS as moto plays it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.adapters import sqs as queue
from chatflow.errors import Unavailable
from tests.fakes.aws_account import on_call


@pytest.fixture
def url(aws_account: Any) -> str:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "0"}
    return str(aws_account("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"])


def an_event(number: int, conversation: str = "c_ann") -> dict[str, Any]:
    return {"id": f"wamid.{number}", "kind": "message", "conversation": conversation}


def test_more_events_than_one_call_takes_are_all_queued_in_order(url: str, aws_account: Any) -> None:
    queue.send(url, [an_event(number) for number in range(25)])

    numbers: list[int] = []
    while received := aws_account("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            numbers.append(int(json.loads(message["Body"])["id"].split(".")[1]))
            aws_account("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert numbers == list(range(25))


def test_a_text_with_what_sqs_refuses_is_queued_whole(url: str, aws_account: Any) -> None:
    """SQS (API reference, SendMessage): #x9 #xA #xD, #x20 to #xD7FF, #xE000 to #xFFFD, and what is above #xFFFF."""
    said = "\x00\x1f\ufffe\uffff\t\n Grüße 🚗"
    queue.send(url, [{**an_event(1), "text": said}])
    (message,) = aws_account("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["text"] == said
    assert all(each in "\t\n\r" or each >= " " for each in message["Body"])
    assert not set(message["Body"]) & {"\ufffe", "\uffff"}


def test_the_same_event_is_queued_once(url: str, aws_account: Any) -> None:
    queue.send(url, [an_event(1)])
    queue.send(url, [{**an_event(1), "name": "Ann"}])
    attributes = aws_account("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "1"


def test_one_refused_entry_among_a_thousand_is_not_hidden(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS answers 200 and names the refused entries; moto never refuses, so its answer is changed on the way."""

    def refuse_one(parsed: dict[str, Any]) -> None:
        last = parsed["Successful"].pop()
        parsed["Failed"] = [{"Id": last["Id"], "Code": "InternalError", "SenderFault": False}]

    refused = pytest.raises(Unavailable, match="refused 1 of 10 events: InternalError")
    with on_call("SendMessageBatch", after=refuse_one), refused:
        queue.send(url, [an_event(number) for number in range(1000)])


def test_a_message_that_fails_comes_again_soon_at_first_and_outlasts_an_outage_of_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[int] = []

    class Sqs:
        def change_message_visibility(self, **given: Any) -> None:
            pauses.append(given["VisibilityTimeout"])

    monkeypatch.setattr(queue, "client", lambda _service: Sqs())
    for received in range(1, 5):
        queue.shorten_visibility("url", "handle", received, receives=5)
    assert pauses[0] < 10
    assert sum(pauses) > 300
    queue.shorten_visibility("url", "handle", 5, receives=5)
    assert pauses[-1] == 0  # it is set aside at once: its conversation has waited long enough
