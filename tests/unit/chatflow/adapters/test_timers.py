"""Timers: the queue of delayed events for up to 15 minutes, EventBridge Scheduler for longer."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from chatflow.adapters.scheduler import Scheduler
from chatflow.adapters.timers import MAX_DELAY_SECONDS, Timers
from chatflow.conversation.events import Event, timeout_event
from chatflow.conversation.queued_events import read_event

NOW = 1_760_000_000


class Delays:
    """SQS's `SendMessage`, which moto would deliver only after the delay."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **request: Any) -> dict[str, Any]:
        self.sent.append(request)
        return {}


class Schedules(Scheduler):
    made: ClassVar[list[tuple[int, Event]]] = []

    def queue_at(self, deadline: int, event: Event) -> None:
        self.made.append((deadline, event))


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> Delays:
    fake = Delays()
    monkeypatch.setattr("chatflow.adapters.sqs.client", lambda _service: fake)
    monkeypatch.setattr(Schedules, "made", [])
    return fake


def timers(now: float = NOW) -> Timers:
    return Timers("https://sqs/delayed", Schedules("group", "arn", "delayed", "role", "dead"), clock=lambda: now)


EVENT = timeout_event("c_ann", "s_1", 3, NOW + 600)


def test_the_session_timeout_of_ten_minutes_is_one_delayed_message(delays: Delays) -> None:
    timers().queue_at(NOW + 600, EVENT)
    (sent,) = delays.sent
    assert (sent["QueueUrl"], sent["DelaySeconds"]) == ("https://sqs/delayed", 600)
    assert read_event(sent["MessageBody"]) == EVENT
    assert Schedules.made == []


@pytest.mark.parametrize(
    ("now", "at", "delay"),
    [
        (NOW, NOW + MAX_DELAY_SECONDS, 900),
        (NOW + 0.9, NOW + 2, 2),  # never early: a fraction of a second counts as a second
        (NOW, NOW, 0),
        (NOW, NOW - 5, 0),
    ],
)
def test_a_timer_is_precise_to_the_second_and_never_early(delays: Delays, now: float, at: int, delay: int) -> None:
    timers(now).queue_at(at, EVENT)
    assert [each["DelaySeconds"] for each in delays.sent] == [delay]


def test_a_timer_of_more_than_15_minutes_is_a_schedule(delays: Delays) -> None:
    timers().queue_at(NOW + MAX_DELAY_SECONDS + 1, EVENT)
    assert Schedules.made == [(NOW + 901, EVENT)]
    assert delays.sent == []
