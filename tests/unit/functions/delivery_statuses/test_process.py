"""A batch of statuses: failures become events, the highest status of each message is stored, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from chatflow.conversation.events import Event
from chatflow.conversation.statuses import Status, pack
from chatflow.messages import DELIVERY_RANK, Delivery
from delivery_statuses.process import WORKERS, Dependencies, process


def status(message: str, reported: Any = "delivered", **more: Any) -> Status:
    return Status("c_ann", Delivery(message, "whatsapp", "106", "1650", reported, 1, **more))


def body(*statuses: Status) -> str:
    (packed,) = pack(statuses)
    return packed


class Tables:
    """The queue of events, and the table of deliveries with its condition."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.stored: dict[str, str] = {}
        self.bad: set[str] = set()
        self.queue_is_down = False
        self.done: list[str] = []

    @property
    def dependencies(self) -> Dependencies:
        return Dependencies(queue=self._queue, store=self._store)

    def _queue(self, events: Sequence[Event]) -> None:
        if self.queue_is_down:
            raise OSError("down")
        self.events += events
        self.done += ["event"] * len(events)

    def _store(self, status: Status) -> None:
        id, reported = status.delivery.message_id, status.delivery.status
        if id in self.bad:
            raise OSError("throttled")
        if DELIVERY_RANK[reported] > DELIVERY_RANK.get(self.stored.get(id, ""), 0):
            self.stored[id] = reported
        self.done.append(f"stored {id}")


def test_of_one_message_only_the_highest_status_of_a_batch_is_stored() -> None:
    tables = Tables()
    processed = process({"m1": body(status("a", "read")), "m2": body(status("a", "sent"))}, tables.dependencies)
    assert tables.stored == {"a": "read"}
    assert (tables.done, processed.statuses, processed.failed) == (["stored a"], 1, {})


def test_a_failure_becomes_an_event_before_it_is_stored() -> None:
    tables = Tables()
    failure = status("a", "failed", code=131053, reason="file")
    processed = process({"m1": body(failure)}, tables.dependencies)
    assert tables.done == ["event", "stored a"]
    (event,) = tables.events
    assert (event["kind"], event["message_id"], event["reason"], event["code"]) == ("status", "a", "file", 131053)
    assert processed.undelivered == {"file": 1}


def test_a_message_is_delivered_again_when_one_of_its_statuses_could_not_be_stored() -> None:
    tables = Tables()
    tables.bad = {"b"}
    bodies = {"m1": body(status("a"), status("b")), "m2": body(status("c")), "m3": body(status("b", "sent"))}
    processed = process(bodies, tables.dependencies)
    assert processed.failed.keys() == {"m1", "m3"}
    assert tables.stored == {"a": "delivered", "c": "delivered"}

    tables.bad = set()
    assert process({id: bodies[id] for id in processed.failed}, tables.dependencies).failed == {}
    assert tables.stored == {"a": "delivered", "b": "delivered", "c": "delivered"}


def test_a_failure_whose_event_was_not_queued_is_not_stored_and_comes_again() -> None:
    tables = Tables()
    tables.queue_is_down = True
    bodies = {"m1": body(status("a", "failed")), "m2": body(status("b"))}
    assert process(bodies, tables.dependencies).failed.keys() == {"m1"}
    assert tables.stored == {"b": "delivered"}

    tables.queue_is_down = False
    process({"m1": bodies["m1"]}, tables.dependencies)
    assert len(tables.events) == 1
    assert tables.stored == {"a": "failed", "b": "delivered"}


def test_a_message_that_cannot_be_read_holds_up_no_other() -> None:
    tables = Tables()
    assert process({"m1": "?", "m2": body(status("a"))}, tables.dependencies).failed == {"m1": "Unreadable"}
    assert tables.stored == {"a": "delivered"}


def test_statuses_are_stored_in_parallel() -> None:
    """Each update waits until all workers have one: in a single thread, this would never end."""
    together = threading.Barrier(WORKERS, timeout=20)

    def store(_status: Status) -> None:
        together.wait()

    dependencies = Dependencies(queue=lambda _events: None, store=store)
    processed = process({"m1": body(*(status(f"{number}") for number in range(WORKERS)))}, dependencies)
    assert processed.failed == {}
