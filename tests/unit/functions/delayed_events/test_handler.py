"""The function `delayed_events`: an event whose time has come joins its conversation's queue."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.conversation.deadlines import Timer
from chatflow.conversation.events import Event, timeout_event
from chatflow.conversation.identity import Links
from chatflow.conversation.queued_events import read_event
from chatflow.conversation.session import Session, Waiting
from chatflow.settings import DelayedEventsSettings
from delayed_events import handler
from delayed_events.handler import lambda_handler
from tests.fakes.aws_account import an_account, create_table


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    with an_account(monkeypatch):
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
        for name in DelayedEventsSettings.__dataclass_fields__:
            monkeypatch.setenv(f"CHATFLOW_{name.upper()}", name)
        monkeypatch.setenv("CHATFLOW_EVENTS_QUEUE_URL", url)
        delayed = client("sqs").create_queue(QueueName="delayed")["QueueUrl"]
        monkeypatch.setenv("CHATFLOW_DELAYED_EVENTS_QUEUE_URL", delayed)
        monkeypatch.setenv("CHATFLOW_SESSIONS_TABLE", create_table("sessions", "conversation", "item"))
        handler._timers.cache_clear()
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


def save(conversation: str, *, turn: int = 4, deadline: int, timer: int = 1_760_000_600, **more: Any) -> None:
    waiting = Waiting(("text",), {}, deadline) if deadline else None
    session = Session(conversation, "whatsapp", "106", "1650", turn=turn, session="s_1", waiting=waiting,
                      state="waiting" if deadline else "ended", timer=Timer(timer, timer), **more)  # fmt: skip
    record = {"session": "s_1", "turn": turn, "event": {"kind": "message"}}
    SessionStore("sessions", "flows").save(session, f"e{turn}", record, 1_760_000_000, Links())


def test_a_timer_costs_no_turn_unless_a_deadline_has_come(queue: tuple[Any, str]) -> None:
    sqs, _ = queue
    ahead = int(time.time()) + 600
    save("c_due", deadline=1_760_000_650)
    save("c_ahead", deadline=ahead)
    save("c_ended", deadline=0)
    save("c_later", deadline=ahead, timer=1_760_000_601)
    names = ("c_due", "c_ahead", "c_ended", "c_later")
    assert lambda_handler(delivered(*(json.dumps(timer(name)) for name in names)), None) == {"batchItemFailures": []}

    (forwarded,) = received(queue)
    assert read_event(forwarded["Body"]) == timeout_event("c_due", "s_1", 4, 1_760_000_650)
    delayed = sqs.get_queue_url(QueueName="delayed")["QueueUrl"]
    counts = sqs.get_queue_attributes(QueueUrl=delayed, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessagesDelayed"] == "1"


def test_a_timer_whose_turn_is_not_saved_yet_is_forwarded_and_so_is_one_of_an_earlier_versions_session(
    queue: tuple[Any, str],
) -> None:
    save("c_turn", turn=2, deadline=0)
    save("c_row", deadline=1_760_000_600)
    key = {"conversation": {"S": "c_row"}, "item": {"S": "session"}}
    client("dynamodb").update_item(
        TableName="sessions", Key=key, UpdateExpression="REMOVE deadline, #timer",
        ExpressionAttributeNames={"#timer": "timer"},
    )  # fmt: skip
    lambda_handler(delivered(*(json.dumps(timer(name)) for name in ("c_turn", "c_row", "c_nobody"))), None)
    assert sorted(read_event(each["Body"])["conversation"] for each in received(queue)) == [
        "c_nobody",
        "c_row",
        "c_turn",
    ]


def test_without_an_answer_of_dynamodb_events_are_forwarded(
    queue: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATFLOW_SESSIONS_TABLE", "gone")
    assert lambda_handler(delivered(json.dumps(timer())), None) == {"batchItemFailures": []}
    assert [read_event(each["Body"]) for each in received(queue)] == [timer()]
