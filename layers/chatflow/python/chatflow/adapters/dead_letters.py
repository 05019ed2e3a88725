"""Dead letters: what SQS or EventBridge Scheduler set aside. They are looked at, sent once more, or thrown away.

SQS has no reading without receiving: what is looked at is hidden from others for a moment and then put back. In a FIFO
queue, whoever receives from a group holds the whole group: of one conversation at most ten letters are seen at a time.
A letter's id is its queue's initial and the message id that SQS gave it, which stays the same however often it is
received.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from chatflow.adapters import sqs as queue
from chatflow.adapters.aws import client
from chatflow.conversation.events import Event

QueueName = Literal["events", "schedules"]
_INITIALS: Mapping[QueueName, str] = {"events": "e", "schedules": "s"}
_BATCH = 10  # the most that SQS hands out at once
_RECEIVES = 10  # of one look: a hundred letters
_HELD_SECONDS = 30  # the management API's own time is over before


@dataclass(frozen=True)
class Letter:
    """One dead letter. `event` is None when its text is no event. `trouble` is what the scheduler says of it."""

    id: str
    queue: QueueName
    event: Event | None
    set_aside_at: int  # seconds since the epoch; in a FIFO queue the time of the move, on AWS
    trouble: str
    handle: str = field(repr=False)


@dataclass(frozen=True)
class Seen:
    """What a look found; `hidden` more are there by SQS's own, approximate, count."""

    letters: tuple[Letter, ...]
    hidden: int


class Letters:
    """Both dead-letter queues, and the queue that events go back to."""

    def __init__(self, events_queue_url: str, urls: Mapping[QueueName, str]) -> None:
        self._events = events_queue_url
        self._urls = urls

    def look(self) -> Seen:
        """The letters that are there now: at most a hundred of each queue, and ten of each conversation."""
        letters: list[Letter] = []
        hidden = 0
        for name in self._urls:
            there = self._count(name)
            with self._received(name, there) as received:
                letters += received
            hidden += max(0, there - len(received))
        return Seen(tuple(letters), hidden)

    @contextmanager
    def held(self, id: str) -> Iterator[Letter | None]:
        """One letter, hidden from others within; None when it is not, or not now, to be had."""
        name = next((name for name, initial in _INITIALS.items() if id.startswith(f"{initial}-")), None)
        if name is None:
            yield None
            return
        with self._received(name, self._count(name), until=id) as received:
            yield next((letter for letter in received if letter.id == id), None)

    def redrive(self, letter: Letter, event: Event) -> None:
        """Queue the event and throw the letter away, in this order: twice is harmless, never is not."""
        queue.send_again(self._events, event)
        self.discard(letter)

    def discard(self, letter: Letter) -> None:
        client("sqs").delete_message(QueueUrl=self._urls[letter.queue], ReceiptHandle=letter.handle)

    def erase(self, conversation: str, in_time: Callable[[], bool]) -> dict[str, int]:
        """Throw away what is about a conversation: everything that is to be had now, letters of others are put back.

        In a FIFO queue a letter that is thrown away makes room to see the next of its conversation.
        """
        removed = 0
        for name in self._urls:
            others: dict[str, Letter] = {}
            try:
                while found := self._receive(name, patiently=True):
                    fresh = [letter for letter in found if letter.id not in others]
                    about = [
                        letter for letter in found if letter.event and letter.event["conversation"] == conversation
                    ]
                    for letter in about:
                        self.discard(letter)
                    removed += len(about)
                    others |= {letter.id: letter for letter in found if letter not in about}
                    if not fresh or not in_time():  # all of it was seen, and the first come again
                        break
            finally:
                self._put_back(name, list(others.values()))
        return {"dead_letters": removed}

    def _count(self, name: QueueName) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = client("sqs").get_queue_attributes(QueueUrl=self._urls[name], AttributeNames=names)
        return sum(int(answer["Attributes"][each]) for each in names)

    @contextmanager
    def _received(self, name: QueueName, there: int, until: str = "") -> Iterator[list[Letter]]:
        """Receives until it has all, or the wanted one; puts back what was not thrown away within."""
        letters: list[Letter] = []
        try:
            for _ in range(_RECEIVES):
                found = self._receive(name, patiently=len(letters) < there)
                letters += found
                if not found or (until and any(letter.id == until for letter in found)):
                    break
                if not until and len(letters) >= there:
                    break
            yield letters
        finally:
            self._put_back(name, letters)

    def _receive(self, name: QueueName, *, patiently: bool) -> list[Letter]:
        answer = client("sqs").receive_message(
            QueueUrl=self._urls[name],
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=_HELD_SECONDS,
            WaitTimeSeconds=1 if patiently else 0,  # without waiting, SQS asks only some of its servers
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        return [_letter(name, message) for message in answer.get("Messages", ())]

    def _put_back(self, name: QueueName, letters: list[Letter]) -> None:
        """A letter that was thrown away meanwhile is refused here, which is as it should be."""
        for start in range(0, len(letters), _BATCH):
            entries = [
                {"Id": str(index), "ReceiptHandle": letter.handle, "VisibilityTimeout": 0}
                for index, letter in enumerate(letters[start : start + _BATCH])
            ]
            client("sqs").change_message_visibility_batch(QueueUrl=self._urls[name], Entries=entries)


def _letter(name: QueueName, message: dict[str, Any]) -> Letter:
    said = {key: str(value.get("StringValue", "")) for key, value in message.get("MessageAttributes", {}).items()}
    return Letter(
        id=f"{_INITIALS[name]}-{message['MessageId']}",
        queue=name,
        event=_event(message["Body"]),
        set_aside_at=int(message["Attributes"]["SentTimestamp"]) // 1000,
        trouble=": ".join(filter(None, (said.get("ERROR_CODE", ""), said.get("ERROR_MESSAGE", "")))),
        handle=message["ReceiptHandle"],
    )


def _event(body: str) -> Event | None:
    try:
        event = json.loads(body)
    except ValueError:
        return None
    needed = ("id", "kind", "conversation")
    if not isinstance(event, dict) or not all(isinstance(event.get(name), str) for name in needed):
        return None
    return cast(Event, event)
