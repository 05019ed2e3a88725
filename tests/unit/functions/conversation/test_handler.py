"""What the conversation's Lambda does with a turn that failed."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chatflow.adapters import sqs
from chatflow.conversation.events import continue_event
from chatflow.conversation.queued_events import read_event
from chatflow.errors import InDoubt, NotMovedYet, TurnFailed
from chatflow.settings import ConversationSettings
from conversation import handler
from tests.fakes.turns import NOW, FakeConversation, waits, wrote


def a_record(received: int) -> dict[str, Any]:
    return {
        "body": json.dumps(wrote("answer", id="wamid.2")),
        "attributes": {"ApproximateReceiveCount": str(received)},
        "receiptHandle": "r1",
    }


@pytest.fixture
def conversation(monkeypatch: pytest.MonkeyPatch) -> FakeConversation:
    """A session waits at the node `ask`."""
    conversation = FakeConversation([waits("ask")])
    conversation.process(wrote())
    monkeypatch.setattr(handler, "_dependencies", conversation.dependencies)
    monkeypatch.setenv("CHATFLOW_RECEIVES", "5")
    return conversation


@pytest.fixture
def shortened(conversation: FakeConversation, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sqs, "shorten_visibility", lambda *given: calls.append(given))
    return calls


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def take(*_: Any) -> str:
        raise error

    monkeypatch.setattr(handler, "run_turn", take)


def test_a_failed_turn_comes_again_soon(monkeypatch: pytest.MonkeyPatch, shortened: list[tuple[Any, ...]]) -> None:
    fail_with(monkeypatch, TurnFailed("timed out"))
    with pytest.raises(TurnFailed):
        handler.lambda_handler({"Records": [a_record(received=2)]}, None)
    assert [given[1:] for given in shortened] == [("r1", 2, 5)]


@pytest.mark.parametrize(("received", "waits_as"), [(1, 0), (2, 2), (5, 5)])
def test_an_event_that_waits_for_its_session_to_move_is_no_error_and_comes_again_in_a_second(
    monkeypatch: pytest.MonkeyPatch, shortened: list[tuple[Any, ...]], received: int, waits_as: int
) -> None:
    fail_with(monkeypatch, NotMovedYet("it moves first"))
    answer = handler.lambda_handler({"Records": [{**a_record(received), "messageId": "m1"}]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert [given[1:] for given in shortened] == [("r1", waits_as, 5)]


def test_a_turn_that_may_still_be_running_is_not_begun_a_second_time_beside_it(
    monkeypatch: pytest.MonkeyPatch, shortened: list[tuple[Any, ...]]
) -> None:
    fail_with(monkeypatch, InDoubt("no answer"))
    with pytest.raises(InDoubt):
        handler.lambda_handler({"Records": [a_record(received=2)]}, None)
    assert shortened == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TurnFailed("the turn's execution ended FAILED: KeyError"), "the turn's execution ended FAILED: KeyError"),
        (TurnFailed("turn 2 was not saved: []; its event is tried again"), "turn 2 was not saved: []"),
        (KeyError("16505551234"), "an error that nobody expected: KeyError; its trace is in the function's log"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "for 16505551234"}}, "StartSyncExecution"),
            "AWS refused StartSyncExecution: AccessDenied",
        ),
    ],
)
def test_an_event_that_fails_for_the_last_time_leaves_its_reason(
    monkeypatch: pytest.MonkeyPatch,
    conversation: FakeConversation,
    shortened: list[tuple[Any, ...]],
    error: Exception,
    reason: str,
) -> None:
    fail_with(monkeypatch, error)
    with pytest.raises(type(error)):
        handler.lambda_handler({"Records": [a_record(received=5)]}, None)

    assert conversation.sessions.session is not None
    assert conversation.sessions.failures["wamid.2"] == {
        "kind": "message",
        "reason": reason,
        "at": NOW,
        "session": conversation.sessions.session.session,
        "turn": 1,
        "node": "ask",
        "flow": "claims",
    }
    assert "16505551234" not in str(conversation.sessions.failures)


def test_an_event_that_will_be_tried_again_leaves_none(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    fail_with(monkeypatch, TurnFailed("timed out"))
    with pytest.raises(TurnFailed):
        handler.lambda_handler({"Records": [a_record(received=4)]}, None)
    assert conversation.sessions.failures == {}


def test_a_repeated_turn_queues_its_continue_event_although_its_twin_was_queued_minutes_ago(
    aws_account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin came to nothing when the first turn was not saved. moto remembers deduplication ids for five minutes."""
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = aws_account("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
    monkeypatch.setattr(handler.ConversationSettings, "from_environment", lambda: _settings(url))
    handler._dependencies.cache_clear()
    event = continue_event("c_ann", "s_1", 3)
    for _ in range(2):
        handler._dependencies().queue(event)
        (message,) = aws_account("sqs").receive_message(QueueUrl=url)["Messages"]
        assert read_event(message["Body"]) == event
        aws_account("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    handler._dependencies.cache_clear()


def _settings(url: str) -> ConversationSettings:
    names = {field.name: field.name for field in fields(ConversationSettings)}
    return ConversationSettings(**{**names, "events_queue_url": url})


def test_a_reason_that_cannot_be_kept_hides_no_failure(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    fail_with(monkeypatch, TurnFailed("timed out"))

    def no_database(*_: Any) -> None:
        raise ConnectionError("DynamoDB is not there")

    monkeypatch.setattr(conversation.sessions, "load", no_database)
    with pytest.raises(TurnFailed):
        handler.lambda_handler({"Records": [a_record(received=5)]}, None)
    assert len(shortened) == 1
