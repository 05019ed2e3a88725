"""Dead letters: events that SQS or EventBridge Scheduler moved to a dead-letter queue. Lists, redrives, deletes.

SQS cannot read without receiving: a listed message is hidden from other readers for a moment and then made visible
again. In a FIFO queue, a receiver locks the whole message group: at most ten dead letters of one conversation are
visible at a time. The id of a dead letter is its queue's initial and SQS's message id, which stays the same at each
receive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from chatflow.adapters import sqs as queue
from chatflow.adapters.aws import client
from chatflow.conversation.events import Event
from chatflow.conversation.queued_events import read_event
from chatflow.errors import Unreadable

QueueName = Literal["events", "schedules"]
_INITIALS: Mapping[QueueName, str] = {"events": "e", "schedules": "s"}
_BATCH = 10  # SQS's limit of messages in one call
_RECEIVES = 10  # calls for one list: a hundred dead letters
_HIDDEN_SECONDS = 30  # longer than the timeout of the management API


@dataclass(frozen=True)
class QueuedDeadLetter:
    """One dead letter. `event` is None when its body is no event; `error` then says why.

    Of an event that could not be delivered, `error` is the scheduler's reason.
    """

    id: str
    queue: QueueName
    event: Event | None
    moved_at: int  # seconds since the epoch; in a FIFO queue the time of the move to the queue, on AWS
    error: str
    handle: str = field(repr=False)
    conversation: str = ""  # "" for one that cannot be read and has no message group


@dataclass(frozen=True)
class VisibleDeadLetters:
    """The visible dead letters; `hidden` is the number of others, by SQS's own, approximate, count."""

    letters: tuple[QueuedDeadLetter, ...]
    hidden: int


class DeadLetterQueues:
    """Both dead-letter queues, and the queue to which events are redriven."""

    def __init__(self, events_queue_url: str, urls: Mapping[QueueName, str]) -> None:
        self._events = events_queue_url
        self._urls = urls

    def visible(self) -> VisibleDeadLetters:
        """The dead letters that are visible now: at most a hundred of each queue, and ten of each conversation."""
        letters: list[QueuedDeadLetter] = []
        hidden = 0
        for name in self._urls:
            count = self._count(name)
            with self._received(name, count) as received:
                letters += received
            hidden += max(0, count - len(received))
        return VisibleDeadLetters(tuple(letters), hidden)

    @contextmanager
    def locked(self, id: str) -> Iterator[QueuedDeadLetter | None]:
        """One dead letter, hidden from other readers within the block; None when it is gone or hidden itself."""
        name = next((name for name, initial in _INITIALS.items() if id.startswith(f"{initial}-")), None)
        if name is None:
            yield None
            return
        with self._received(name, self._count(name), until=id) as received:
            yield next((letter for letter in received if letter.id == id), None)

    def redrive(self, letter: QueuedDeadLetter, event: Event) -> None:
        """Queue the event, then delete the dead letter. In this order an event may come twice, which is harmless."""
        queue.send_duplicate(self._events, event)
        self.discard(letter)

    def discard(self, letter: QueuedDeadLetter) -> None:
        client("sqs").delete_message(QueueUrl=self._urls[letter.queue], ReceiptHandle=letter.handle)

    def erase(self, conversation: str, in_time: Callable[[], bool], *more: str) -> dict[str, int]:
        """Delete the visible dead letters of a conversation, and make those of others visible again.

        `more` are further keys of the same person: one pass is for all of them.

        In a FIFO queue, each deletion makes the next dead letter of the conversation visible.
        """
        removed = 0
        for name in self._urls:
            others: dict[str, QueuedDeadLetter] = {}
            try:
                while received := self._receive(name, wait=True):
                    fresh = [letter for letter in received if letter.id not in others]
                    matching = [letter for letter in received if letter.conversation in (conversation, *more)]
                    for letter in matching:
                        self.discard(letter)
                    removed += len(matching)
                    others |= {letter.id: letter for letter in received if letter not in matching}
                    if not fresh or not in_time():  # without a fresh one, all were seen and the first come again
                        break
            finally:
                self._make_visible(name, list(others.values()))
        return {"dead_letters": removed}

    def _count(self, name: QueueName) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = client("sqs").get_queue_attributes(QueueUrl=self._urls[name], AttributeNames=names)
        return sum(int(answer["Attributes"][each]) for each in names)

    @contextmanager
    def _received(self, name: QueueName, count: int, until: str = "") -> Iterator[list[QueuedDeadLetter]]:
        """Receives all (about `count`), or until the one with this id; makes them visible again after the block."""
        letters: list[QueuedDeadLetter] = []
        try:
            for _ in range(_RECEIVES):
                received = self._receive(name, wait=len(letters) < count)
                letters += received
                if not received or (until and any(letter.id == until for letter in received)):
                    break
                if not until and len(letters) >= count:
                    break
            yield letters
        finally:
            self._make_visible(name, letters)

    def _receive(self, name: QueueName, *, wait: bool) -> list[QueuedDeadLetter]:
        answer = client("sqs").receive_message(
            QueueUrl=self._urls[name],
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1 if wait else 0,  # without waiting, SQS asks only some of its servers
            MessageSystemAttributeNames=["SentTimestamp", "MessageGroupId"],
            MessageAttributeNames=["All"],
        )
        return [_dead_letter(name, message) for message in answer.get("Messages", ())]

    def _make_visible(self, name: QueueName, letters: list[QueuedDeadLetter]) -> None:
        """SQS refuses the entry of a dead letter that was deleted meanwhile, which is correct."""
        for start in range(0, len(letters), _BATCH):
            entries = [
                {"Id": str(index), "ReceiptHandle": letter.handle, "VisibilityTimeout": 0}
                for index, letter in enumerate(letters[start : start + _BATCH])
            ]
            client("sqs").change_message_visibility_batch(QueueUrl=self._urls[name], Entries=entries)


def _dead_letter(name: QueueName, message: dict[str, Any]) -> QueuedDeadLetter:
    attributes = {key: str(value.get("StringValue", "")) for key, value in message.get("MessageAttributes", {}).items()}
    event = _event(message["Body"])
    error = ": ".join(filter(None, (attributes.get("ERROR_CODE", ""), attributes.get("ERROR_MESSAGE", ""))))
    return QueuedDeadLetter(
        id=f"{_INITIALS[name]}-{message['MessageId']}",
        queue=name,
        event=None if isinstance(event, Unreadable) else event,
        moved_at=int(message["Attributes"]["SentTimestamp"]) // 1000,
        error=error or (str(event) if isinstance(event, Unreadable) else ""),
        conversation=str(
            message["Attributes"].get("MessageGroupId", "") if isinstance(event, Unreadable) else event["conversation"]
        ),
        handle=message["ReceiptHandle"],
    )


def _event(body: str) -> Event | Unreadable:
    try:
        return read_event(body)
    except Unreadable as error:
        return error
