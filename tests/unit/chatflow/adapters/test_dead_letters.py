"""Dead letters on SQS as moto plays it: looked at, redriven, thrown away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.adapters import dead_letters as module
from chatflow.adapters.dead_letters import DeadLetterQueues
from chatflow.conversation.events import Event, redriven
from chatflow.conversation.queued_events import read_event
from tests.fakes.turns import wrote


class Queues:
    """The queue of events and both dead-letter queues."""

    def __init__(self, sqs: Any) -> None:
        self.sqs = sqs
        fifo = {"FifoQueue": "true"}
        self.events = sqs.create_queue(QueueName="events.fifo", Attributes=fifo)["QueueUrl"]
        self.dead = sqs.create_queue(QueueName="dead.fifo", Attributes=fifo)["QueueUrl"]
        self.schedules = sqs.create_queue(QueueName="schedules")["QueueUrl"]
        self.letters = DeadLetterQueues(self.events, {"events": self.dead, "schedules": self.schedules})

    def die(self, event: Event | str, *, conversation: str = "c_ann") -> None:
        body = event if isinstance(event, str) else json.dumps(event)
        unique = str(hash(body))
        self.sqs.send_message(
            QueueUrl=self.dead, MessageBody=body, MessageGroupId=conversation, MessageDeduplicationId=unique
        )

    def waiting(self, url: str) -> list[Any]:
        return [
            read_event(each["Body"])
            for each in self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ())
        ]


@pytest.fixture
def queues(aws_account: Any, monkeypatch: pytest.MonkeyPatch) -> Queues:
    monkeypatch.setattr(module, "_RECEIVES", 3)
    return Queues(aws_account("sqs"))


def test_letters_are_seen_again_by_whoever_looks_next(queues: Queues) -> None:
    queues.die(wrote(id="wamid.1"))
    queues.die(wrote(id="wamid.2"), conversation="c_bob")
    first, second = queues.letters.visible(), queues.letters.visible()

    assert [letter.event and letter.event["id"] for letter in first.letters] == ["wamid.1", "wamid.2"]
    assert [letter.id for letter in first.letters] == [letter.id for letter in second.letters]
    assert (first.hidden, second.hidden) == (0, 0)


def test_a_letter_that_someone_else_is_looking_at_is_counted_as_hidden(queues: Queues) -> None:
    queues.die(wrote(id="wamid.1"))
    (letter,) = queues.letters.visible().letters
    with queues.letters.locked(letter.id):
        seen = queues.letters.visible()
    assert (seen.letters, seen.hidden) == ((), 1)


def test_a_redriven_event_goes_back_to_the_queue_and_out_of_the_dead_letters(queues: Queues) -> None:
    event = wrote(id="wamid.1")
    queues.die(event)
    queues.die(wrote(id="wamid.2"))
    (letter, other) = queues.letters.visible().letters
    with queues.letters.locked(letter.id) as held:
        assert held is not None
        queues.letters.redrive(held, redriven(event, {"session": "s_1", "node": "ask", "wait": 4}))

    assert queues.waiting(queues.events) == [{**event, "fence": {"session": "s_1", "node": "ask", "wait": 4}}]
    assert [left.id for left in queues.letters.visible().letters] == [other.id]


def test_an_event_that_dies_again_within_five_minutes_can_be_redriven_again(queues: Queues) -> None:
    event = wrote(id="wamid.1")
    for body in (event, {**event, "name": "again"}):
        queues.die(body)
        (letter,) = queues.letters.visible().letters
        with queues.letters.locked(letter.id) as held:
            assert held is not None
            queues.letters.redrive(held, event)
        (message,) = queues.sqs.receive_message(QueueUrl=queues.events)["Messages"]
        queues.sqs.delete_message(QueueUrl=queues.events, ReceiptHandle=message["ReceiptHandle"])


def test_a_letter_that_is_thrown_away_is_gone(queues: Queues) -> None:
    queues.die(wrote())
    (letter,) = queues.letters.visible().letters
    with queues.letters.locked(letter.id) as held:
        assert held is not None
        queues.letters.discard(held)
    assert queues.letters.visible() == module.VisibleDeadLetters((), 0)


@pytest.mark.parametrize("id", ["e-nothing", "s-nothing", "x-nothing", "nothing", ""])
def test_a_letter_that_is_not_there_is_none(queues: Queues, id: str) -> None:
    with queues.letters.locked(id) as held:
        assert held is None


def test_what_the_scheduler_could_not_deliver_is_a_letter_with_its_own_words(queues: Queues) -> None:
    event: Event = {"id": "timeout#s_1#4#9", "kind": "timeout", "conversation": "c_ann", "session": "s_1", "turn": 4}
    event["deadline"] = 9
    said = {"ERROR_CODE": "AccessDenied", "ERROR_MESSAGE": "the role may not"}
    queues.sqs.send_message(
        QueueUrl=queues.schedules,
        MessageBody=json.dumps(event),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in said.items()},
    )
    (letter,) = queues.letters.visible().letters
    assert (letter.queue, letter.event, letter.error) == ("schedules", event, "AccessDenied: the role may not")


@pytest.mark.parametrize("body", ["no json", "[]", '{"id": "x"}', '{"id": 1, "kind": "x", "conversation": "c"}'])
def test_a_letter_that_is_no_event_is_shown_all_the_same(queues: Queues, body: str) -> None:
    queues.die(body)
    (letter,) = queues.letters.visible().letters
    assert letter.event is None


def test_more_letters_than_one_receive_gives_are_all_seen(queues: Queues) -> None:
    for number in range(25):
        queues.die(wrote(id=f"wamid.{number}"), conversation=f"c_{number}")
    seen = queues.letters.visible()
    assert (len(seen.letters), seen.hidden) == (25, 0)
