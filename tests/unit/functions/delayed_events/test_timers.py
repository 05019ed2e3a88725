"""Timers over many turns: both functions, a queue of delayed events and a scheduler in memory."""

from __future__ import annotations

import heapq
import itertools
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatflow.adapters import sqs
from chatflow.conversation.deadlines import MAX_DELAY_SECONDS, Awaited
from chatflow.conversation.events import Event
from chatflow.settings import DelayedEventsSettings
from conversation.run_turn import run_turn
from delayed_events import handler
from tests.fakes.turns import ENDS, FakeConversation, FakeSessions, waits, wrote

LATE = 3  # seconds that a delayed message may come late
SCHEDULE_LATE = 60
SECONDS = (0, 0, 0, 1, 30, 130, 900, 3600, 86_400)  # of a wait; 0: the session timeout of ten minutes
GAPS = st.one_of(st.integers(0, 120), st.integers(0, 2000), st.integers(0, 100_000))
TURNS = st.lists(st.tuples(GAPS, st.sampled_from([*SECONDS, "ends"]), st.integers(0, 50)), min_size=1, max_size=12)
MODEL = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass
class Delivery:
    """How timers are delivered: seconds late, how often, and whether the function could read the sessions."""

    late: Callable[[], int]
    times: Callable[[], int]
    reads: Callable[[], bool]


class World:
    """One conversation. A timer that fires during a turn sees the session of before it; its event waits behind it."""

    def __init__(self, patched: pytest.MonkeyPatch, delivery: Delivery, seconds: deque[int]) -> None:
        self.conversation = FakeConversation()
        self.delivery, self.seconds = delivery, seconds
        self.timers: list[tuple[int, int, Event]] = []
        self.numbers = itertools.count()
        self.queue: deque[Event] = deque()
        self.set_by_turns = self.set_again = self.stale = 0
        settings = dict.fromkeys(DelayedEventsSettings.__dataclass_fields__, "x")
        patched.setattr(
            DelayedEventsSettings, "from_environment", classmethod(lambda _cls: SimpleNamespace(**settings))
        )
        patched.setattr(handler, "awaited", self.awaited)
        patched.setattr(sqs, "send", lambda _url, events: self.queue.extend(events))
        patched.setattr(handler, "_timers", lambda: SimpleNamespace(queue_at=self.set_timer_again))
        patched.setattr(handler, "time", SimpleNamespace(time=lambda: self.conversation.now))

    def awaited(self, _table: str, conversations: list[str]) -> dict[str, Awaited]:
        session = self.conversation.sessions.session
        if not self.delivery.reads():
            raise RuntimeError("throttled")
        return {session.conversation: session.awaited} if session and conversations else {}

    def set_timer(self, at: int, event: Event) -> None:
        self.set_by_turns += 1
        self._set(at, event)

    def set_timer_again(self, at: int, event: Event) -> None:
        self.set_again += 1
        self._set(at, event)

    def _set(self, at: int, event: Event) -> None:
        ahead = at - int(self.conversation.now)
        most = LATE if ahead <= MAX_DELAY_SECONDS else SCHEDULE_LATE
        for _ in range(self.delivery.times()):
            fires = max(at, int(self.conversation.now)) + min(self.delivery.late(), most)
            heapq.heappush(self.timers, (fires, next(self.numbers), event))

    def until(self, time: float, *, turns: bool = True) -> None:
        """The clock moves on; what fires meanwhile is processed, its turns only where no turn is under way."""
        while self.timers and self.timers[0][0] <= time:
            fires, _, event = heapq.heappop(self.timers)
            self.conversation.now = max(self.conversation.now, fires)
            record = {"messageId": "m", "body": json.dumps(event)}
            assert handler.lambda_handler({"Records": [record]}, None) == {"batchItemFailures": []}
            if turns:
                self.process_queue()
        self.conversation.now = max(self.conversation.now, time)

    def process_queue(self) -> None:
        while self.queue:
            self.process(self.queue.popleft())

    def process(self, event: Event) -> str:
        dependencies = self.conversation.dependencies()

        def run(name: str, machine_input: dict[str, Any]) -> dict[str, Any]:
            if self.seconds:
                self.until(self.conversation.now + self.seconds.popleft(), turns=False)
            return dependencies.run_machine(name, machine_input)

        def save(*saved: Any) -> None:
            if self.seconds:
                self.until(self.conversation.now + self.seconds.popleft(), turns=False)
            FakeSessions.save(self.conversation.sessions, *saved)

        self.conversation.sessions.save = save  # type: ignore[method-assign,assignment]
        ending = run_turn(event, replace(dependencies, run_machine=run, schedule=self.set_timer))
        self.stale += ending == "stale"
        return ending

    def play(self, turns: Any) -> None:
        for number, (gap, wait, _) in enumerate(turns):
            self.until(self.conversation.now + gap)
            answer = ENDS if wait == "ends" else waits(seconds=wait)
            # A wait of the node's own resumes its node when its time is over; then the session ends.
            self.conversation.answers[:] = [answer, ENDS, ENDS]
            self.process(wrote("hello", id=f"wamid.{number}"))
            self.process_queue()
        self.until(self.conversation.now + 10 * 86_400)

    @property
    def records(self) -> list[dict[str, Any]]:
        return sorted(self.conversation.sessions.records.values(), key=lambda record: record["turn"])


def assert_every_deadline_had_its_turn_in_time(world: World) -> None:
    records = world.records
    assert records[-1]["state"] == "ended"
    for record, following in itertools.pairwise(records):
        if deadline := record.get("deadline"):
            assert following["at"] >= deadline or following["event"]["kind"] == "message"
            late = SCHEDULE_LATE if deadline - record["at"] > MAX_DELAY_SECONDS else 0
            assert following["at"] <= deadline + late + LATE + 100  # a turn may be under way for as long


@given(TURNS, st.data())
@MODEL
def test_every_deadline_has_its_turn_in_time_whatever_is_late_doubled_or_under_way(turns: Any, data: Any) -> None:
    delivery = Delivery(
        late=lambda: data.draw(st.integers(0, SCHEDULE_LATE)),
        times=lambda: data.draw(st.sampled_from([1, 1, 1, 2])),
        reads=lambda: data.draw(st.sampled_from([True, True, True, False])),
    )
    with pytest.MonkeyPatch.context() as patched:
        world = World(patched, delivery, deque(seconds for *_, seconds in turns))
        world.play(turns)
    assert_every_deadline_had_its_turn_in_time(world)


@given(TURNS)
@MODEL
def test_a_timer_that_is_of_no_use_costs_no_turn_and_no_turn_sets_more_than_one(turns: Any) -> None:
    with pytest.MonkeyPatch.context() as patched:
        world = World(patched, Delivery(late=lambda: 0, times=lambda: 1, reads=lambda: True), deque())
        world.play(turns)
    assert_every_deadline_had_its_turn_in_time(world)
    assert world.stale == 0
    assert world.set_by_turns <= sum("deadline" in record for record in world.records)


@pytest.mark.parametrize(("seconds", "gap", "set_by_turns", "set_again"), [(0, 20, 1, 1), (86_400, 3600, 1, 1)])
def test_a_conversation_of_twenty_turns_sets_one_timer(
    monkeypatch: pytest.MonkeyPatch, seconds: int, gap: int, set_by_turns: int, set_again: int
) -> None:
    """Before, each of its turns set one, and each of these cost a message, two function calls and a read."""
    world = World(monkeypatch, Delivery(late=lambda: 0, times=lambda: 1, reads=lambda: True), deque())
    world.play([(gap, seconds, 0)] * 20)
    assert len(world.records) == 21
    assert (world.set_by_turns, world.set_again, world.stale) == (set_by_turns, set_again, 0)
