"""What the conversation's Lambda does with a turn that failed."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import pytest

from chatflow.adapters import sqs
from chatflow.adapters.aws.errors import AwsRefused
from chatflow.adapters.dynamodb.live_copies import LiveCopy
from chatflow.adapters.dynamodb.places import UnreadableSession
from chatflow.conversation.events import continue_event
from chatflow.conversation.queued_events import read_event
from chatflow.conversation.session import Pause, Session
from chatflow.errors import InDoubt, NotMovedYet, Throttled, TurnFailed
from chatflow.settings import ConversationSettings
from conversation import handler
from conversation.set_aside import DIED, THROTTLED, set_aside
from tests.fakes.outage_world import FAILS, OutageWorld, one_photo
from tests.fakes.turns import ENDS, NOW, FakeConversation, waits, wrote


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
    monkeypatch.setenv("CHATFLOW_RECEIVES", "100")
    return conversation


@pytest.mark.parametrize(("received", "remembered"), [(1, True), (2, False)])
def test_an_event_that_failed_before_reads_what_is_published_anew(
    conversation: FakeConversation, monkeypatch: pytest.MonkeyPatch, received: int, remembered: bool
) -> None:
    monkeypatch.setattr(handler, "run_turn", lambda *_: "waiting")
    handler._copies().keep("claims", LiveCopy(1, {}), handler._copies().clock())
    handler.lambda_handler({"Records": [a_record(received)]}, None)
    assert ("claims" in handler._copies()) is remembered


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
    for received in (1, 2, 3):
        with pytest.raises(TurnFailed):
            handler.lambda_handler({"Records": [a_record(received)]}, None)
    assert [given[1:] for given in shortened] == [("r1", runs, 5) for runs in (1, 2, 3)]


@pytest.mark.parametrize(("received", "waits_as"), [(1, 0), (2, 2), (5, 5)])
def test_an_event_that_waits_for_its_session_to_move_is_no_error_and_comes_again_in_a_second(
    monkeypatch: pytest.MonkeyPatch, shortened: list[tuple[Any, ...]], received: int, waits_as: int
) -> None:
    fail_with(monkeypatch, NotMovedYet("it moves first"))
    answer = handler.lambda_handler({"Records": [{**a_record(received), "messageId": "m1"}]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert [given[1:] for given in shortened] == [("r1", waits_as, 100)]


def test_a_turn_that_may_still_be_running_is_not_begun_a_second_time_beside_it(
    monkeypatch: pytest.MonkeyPatch, shortened: list[tuple[Any, ...]]
) -> None:
    fail_with(monkeypatch, InDoubt("no answer"))
    with pytest.raises(InDoubt):
        handler.lambda_handler({"Records": [a_record(received=2)]}, None)
    assert shortened == []


def run_until_set_aside(monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, error: Exception) -> int:
    """Deliver the event again and again; returns how often it was run."""
    runs = 0

    def fail(*_: Any) -> str:
        nonlocal runs
        runs += 1
        raise error

    monkeypatch.setattr(handler, "run_turn", fail)
    for received in range(1, 101):
        try:
            handler.lambda_handler({"Records": [a_record(received)]}, None)
        except type(error):
            continue
        break
    return runs


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TurnFailed("the turn's execution ended FAILED: KeyError"), "the turn's execution ended FAILED: KeyError"),
        (TurnFailed("turn 2 was not saved: []; its event is tried again"), "turn 2 was not saved: []"),
        (InDoubt("no answer"), "no answer"),
        (KeyError("16505551234"), "an error that nobody expected: KeyError; its trace is in the function's log"),
        (
            AwsRefused({"Error": {"Code": "AccessDenied", "Message": "for 16505551234"}}, "StartSyncExecution"),
            "AWS refused StartSyncExecution: AccessDenied",
        ),
    ],
)
def test_an_event_that_fails_five_times_is_set_aside_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
    conversation: FakeConversation,
    shortened: list[tuple[Any, ...]],
    error: Exception,
    reason: str,
) -> None:
    assert run_until_set_aside(monkeypatch, conversation, error) == 5

    assert conversation.sessions.session is not None
    assert conversation.sessions.failures["wamid.2"] == {
        "kind": "message",
        "reason": reason,
        "at": NOW,
        "session": conversation.sessions.session.session,
        "turn": 1,
        "node": "ask",
        "wait": 1,
        "flow": "claims",
    }
    assert "16505551234" not in str(conversation.sessions.failures)
    assert [event["id"] for event in conversation.dead_letters] == ["wamid.2"]
    assert conversation.failed_runs.counts == {}


def test_a_throttled_run_is_not_one_of_the_five(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    refused = AwsRefused({"Error": {"Code": "ThrottlingException"}}, "StartSyncExecution")
    errors = [refused, Throttled("a node"), TurnFailed("1"), refused, *(TurnFailed(str(each)) for each in range(2, 9))]
    runs: list[Exception] = []

    def fail(*_: Any) -> str:
        runs.append(errors.pop(0))
        raise runs[-1]

    monkeypatch.setattr(handler, "run_turn", fail)
    for received in range(1, 9):
        with suppress(TurnFailed, Throttled, AwsRefused):
            handler.lambda_handler({"Records": [a_record(received)]}, None)

    assert len([error for error in runs if isinstance(error, TurnFailed)]) == 5
    assert len(runs) == 8
    handler.lambda_handler({"Records": [a_record(9)]}, None)
    assert len(runs) == 8
    assert conversation.sessions.failures["wamid.2"]["reason"] == "5"


def test_neither_is_a_receive_without_a_run(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    """Lambda throttled the function: SQS counted, and nothing ran."""
    conversation.answers.append(waits("ask"))
    handler.lambda_handler({"Records": [a_record(received=60)]}, None)
    assert "wamid.2" in conversation.sessions.records
    assert conversation.dead_letters == []


def test_an_outage_of_every_receive_ends_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    monkeypatch.setenv("CHATFLOW_RECEIVES", "100")
    runs = run_until_set_aside(monkeypatch, conversation, Throttled("a node could not run"))
    assert runs == 99
    assert conversation.sessions.failures["wamid.2"]["reason"] == THROTTLED
    assert conversation.dead_letters != []


def test_an_event_whose_worker_dies_each_time_is_set_aside_without_a_sixth_counted_run(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    class Died(BaseException):
        """The process ends; no handler runs."""

    def die(*_: Any) -> str:
        raise Died

    monkeypatch.setattr(handler, "run_turn", die)
    for received in range(1, 7):
        with pytest.raises(Died):
            handler.lambda_handler({"Records": [a_record(received)]}, None)
    handler.lambda_handler({"Records": [a_record(7)]}, None)
    assert conversation.sessions.failures["wamid.2"]["reason"] == DIED


def test_the_customer_gets_the_apology_once_for_events_that_were_set_aside_in_a_row(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    conversation.routes["apology"] = "Something went wrong."
    conversation.answers += [ENDS, ENDS, ENDS]
    monkeypatch.setattr(handler, "_exhausted", lambda *_: "it failed")
    for id in ("wamid.2", "wamid.3"):
        record = {**a_record(6), "body": json.dumps(wrote("answer", id=id))}
        handler.lambda_handler({"Records": [record]}, None)

    assert conversation.texts == ["Something went wrong."]
    assert conversation.runs[-1]["conversation"]["contact"] == "16505551234"
    assert [event["id"] for event in conversation.dead_letters] == ["wamid.2", "wamid.3"]


def test_an_apology_that_cannot_be_sent_keeps_no_event_back(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    conversation.routes["apology"] = "Something went wrong."
    conversation.answers.append(InDoubt("no answer"))
    monkeypatch.setattr(handler, "_exhausted", lambda *_: "it failed")
    handler.lambda_handler({"Records": [a_record(6)]}, None)
    assert len(conversation.dead_letters) == 1


def test_an_event_of_an_unreadable_session_is_set_aside_at_once_and_the_session_is_marked(
    conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    conversation.routes["apology"] = "Something went wrong."
    conversation.answers.append(ENDS)
    broken = UnreadableSession("the stored session cannot be read: x", "s_1", 4, "claims", 1, "ask", 0, 0)
    conversation.sessions.unreadable = broken
    handler.lambda_handler({"Records": [a_record(1)]}, None)

    assert conversation.sessions.marked == broken.reason
    failure = conversation.sessions.failures["wamid.2"]
    assert (failure["reason"], failure["session"], failure["node"]) == (broken.reason, "s_1", "ask")
    assert conversation.texts == ["Something went wrong."]
    assert conversation.dead_letters != []


def test_a_body_that_is_no_event_leaves_the_queue_at_once(aws_account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = aws_account("sqs").create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    monkeypatch.setenv("CHATFLOW_EVENTS_DEAD_LETTERS_URL", url)
    attributes = {"ApproximateReceiveCount": "1", "MessageGroupId": "c_ann"}
    handler.lambda_handler({"Records": [{"body": "nonsense", "attributes": attributes, "receiptHandle": "r1"}]}, None)
    (message,) = aws_account("sqs").receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert (message["Body"], message["Attributes"]["MessageGroupId"]) == ("nonsense", "c_ann")


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
    return ConversationSettings(**{**names, "events_queue_url": url, "traced_percent": "5"})


def test_a_run_that_cannot_be_counted_hides_no_failure(
    monkeypatch: pytest.MonkeyPatch, conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    fail_with(monkeypatch, TurnFailed("timed out"))

    def no_database(*_: Any) -> None:
        raise ConnectionError("DynamoDB is not there")

    monkeypatch.setattr(conversation.failed_runs, "fail", no_database)
    with pytest.raises(TurnFailed):
        handler.lambda_handler({"Records": [a_record(received=1)]}, None)
    assert len(shortened) == 1


@pytest.mark.parametrize("expects", [("api",), (), ("any_message",), ("text",)])
def test_a_timer_that_was_set_aside_is_set_again_for_three_hours_and_then_who_waits_gets_the_apology(
    conversation: FakeConversation, shortened: list[tuple[Any, ...]], expects: tuple[str, ...]
) -> None:
    conversation.routes["apology"] = "Something went wrong."
    conversation.answers += [waits("ask", expects=expects, seconds=4), ENDS]
    conversation.process(wrote(id="wamid.3"))
    ((_, event),) = conversation.scheduled[1:]
    for _ in range(20):
        conversation.now += 900
        before = len(conversation.scheduled)
        set_aside(event, "it failed", handler._dependencies())
        if len(conversation.scheduled) == before:
            break
        at, again = conversation.scheduled[-1]
        assert (again, at) == (event, conversation.now + 900)
        assert conversation.texts == []
    assert 3 * 3600 <= conversation.now - NOW < 4 * 3600
    assert conversation.texts == ([] if expects == ("text",) else ["Something went wrong."])


def test_a_timer_that_no_longer_matters_is_not_set_again(
    conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    ((_, event),) = conversation.scheduled
    set_aside({**event, "deadline": event["deadline"] - 1}, "it failed", handler._dependencies())
    assert len(conversation.scheduled) == 1


def test_a_held_call_whose_try_fails_five_times_is_tried_again_when_its_cause_is_gone() -> None:
    world = OutageWorld(one_photo())
    world.send(text="photo")
    world.send(at=5, photo=True)
    world.down(FAILS, until=60)
    world.run(until=30)
    world.now += 800
    set_aside(world.take_event(), "the node crashed", world.dependencies())
    world.run()
    assert list(world.api.files.values()) == ["photo-1.jpg"]
    assert world.channel.heard == ["Photo?", "Please wait", "Thank you"]


def test_no_apology_is_sent_while_a_person_answers_by_hand(
    conversation: FakeConversation, shortened: list[tuple[Any, ...]]
) -> None:
    conversation.routes["apology"] = "Something went wrong."
    session = Session("c_ann", "whatsapp", "106", "1650", turn=4, session="s_1", state="paused")
    conversation.sessions.session = replace(session, paused=Pause(NOW, NOW + 60, "waiting"))
    set_aside(wrote(), "it failed", handler._dependencies())
    assert conversation.texts == []
    assert len(conversation.dead_letters) == 1
