"""Many processes send on one account, in virtual time: how much it sends, and what becomes of what must wait."""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.adapters import aws
from chatflow.adapters.dynamodb import rates
from chatflow.adapters.dynamodb.effects import Effects
from chatflow.adapters.dynamodb.rates import Account, AccountRate, PacedEffects, has_slot
from chatflow.channels.pacing import BLOCK_SECONDS, BURST_SECONDS, Pace
from chatflow.conversation.owed import PACED
from chatflow.errors import ChannelUnavailable, Paced
from tests.fakes.rates_table import RatesTable
from tests.fakes.visit import a_visit

NOW = 1_800_000_000.0
LATEST = 5.0  # seconds that a timer or a turn is late in these simulations, at most
SLACK = LATEST + BURST_SECONDS + BLOCK_SECONDS  # seconds of the rate that may come together


@dataclass
class Process:
    """One worker: its clock is wrong by `skew` seconds, and what it knows is gone when it dies."""

    skew: float = 0.0
    known: dict[str, Account] = field(default_factory=dict)


@dataclass
class Simulation:
    """Messages that are to be sent on one account by processes drawn at random. Times in seconds since NOW."""

    rate: float
    processes: list[Process]
    chance: random.Random
    lateness: float = 2.0  # of timers and turns
    now: float = 0.0
    sent: list[float] = field(default_factory=list)
    turns: int = 0
    without_slot: int = 0

    def account(self, process: Process, **more: Any) -> AccountRate:
        clock: Callable[[], float] = lambda: NOW + self.now + process.skew  # noqa: E731
        return AccountRate(
            "rates", "whatsapp/106", self.rate, clock=clock, pause=lambda _: None, known=process.known, **more
        )

    def run(self, at: list[float], *, before: Callable[[Simulation], None] = lambda _: None) -> None:
        """Send a message at each of these times, or later, until all are sent."""
        numbers = itertools.count()
        waiting: list[tuple[float, int, dict[str, Any]]] = [(each, next(numbers), {}) for each in at]
        heapq.heapify(waiting)
        while waiting:
            self.now, _, owed = heapq.heappop(waiting)
            self.turns += 1
            before(self)
            process = self.chance.choice(self.processes)
            own_time = NOW + self.now + process.skew
            try:
                self.account(process, is_paid=has_slot(owed, int(own_time * 1000))).take()
            except Paced as error:
                due = math.ceil(error.slot / 1000)
                again = max(due - own_time, 0) + self.now + self.chance.uniform(0, self.lateness)
                heapq.heappush(waiting, (again, next(numbers), {"reason": PACED, "due": due}))
            except ChannelUnavailable as error:
                self.without_slot += 1
                heapq.heappush(waiting, (self.now + max(4.0, error.after), next(numbers), {}))
            else:
                self.sent.append(self.now)

    def most_within(self, seconds: float) -> int:
        """The most messages that were sent in a window of so many seconds."""
        return max(bisect.bisect_right(self.sent, each + seconds) - at for at, each in enumerate(self.sent))


def simulation(rate: float, processes: int, seed: int, *, skew: float = 0.2, **more: Any) -> Simulation:
    chance = random.Random(seed)  # noqa: S311
    return Simulation(rate, [Process(chance.uniform(-skew, skew)) for _ in range(processes)], chance, **more)


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[RatesTable]:
    table = RatesTable()
    monkeypatch.setattr(rates, "client", lambda _service: table)
    yield table


@given(
    st.sampled_from([1.0, 30.0, 80.0, 1000.0]),
    st.integers(1, 150),
    st.lists(st.tuples(st.floats(0, 60), st.integers(1, 150)), min_size=1, max_size=6),
    st.floats(0, 8),
    st.integers(0, 2**32),
)
@settings(max_examples=25, deadline=None)
def test_an_account_never_sends_more_than_its_rate_and_a_burst(
    rate: float, processes: int, bursts: list[tuple[float, int]], lateness: float, seed: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        table = RatesTable()
        patch.setattr(rates, "client", lambda _service: table)
        played = simulation(rate, processes, seed, lateness=lateness)
        played.run([at for at, messages in bursts for _ in range(messages)])
    assert len(played.sent) == sum(messages for _, messages in bursts)
    for seconds in (0.0, 1.0, 10.0, 60.0):
        assert played.most_within(seconds) <= rate * (seconds + SLACK + 0.4) * 1.06 + 2 * Pace(rate).cells


def test_two_thousand_messages_take_the_time_of_their_rate_and_few_turns(in_memory: RatesTable) -> None:
    played = simulation(80.0, 100, 1)
    played.run([number / 400 for number in range(2000)])  # as fast as fifty turns at a time make them
    assert 2000 / 80 - SLACK <= played.sent[-1] <= 2000 / 80 * 1.2 + 5
    assert played.turns <= 2 * 2000
    per_second = [played.most_within(1.0)]
    assert max(per_second) <= 80 * 2.5
    assert len(in_memory.calls) <= 1.5 * 2000


@pytest.mark.parametrize("share", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("rate", [1.0, 30.0, 80.0])
def test_transactions_that_meet_others_cost_no_message_its_slot(
    in_memory: RatesTable, share: float, rate: float
) -> None:
    played = simulation(rate, 50, 1)
    in_memory.conflicts = lambda: played.chance.random() < share
    played.run([0.0] * 150)  # the account was idle
    assert len(played.sent) == 150
    assert played.without_slot == 0
    assert played.sent[-1] <= 150 / rate * 1.2 + 10


def test_a_message_beyond_the_horizon_is_told_to_come_again_in_minutes(in_memory: RatesTable) -> None:
    played = simulation(1.0, 3, 1, skew=0)
    account = played.account(played.processes[0])
    for _ in range(603):
        with suppress(ChannelUnavailable):
            account.take()
    for process in played.processes:
        with pytest.raises(ChannelUnavailable) as refused:
            played.account(process).take()
        assert not isinstance(refused.value, Paced)
        assert 120 <= refused.value.after <= 300


def test_a_process_that_sends_fast_touches_a_cell_seldom(in_memory: RatesTable) -> None:
    played = simulation(80.0, 4, 1)
    played.run([number / 40 for number in range(400)])
    assert len(played.sent) == played.turns == 400
    assert len(in_memory.calls) < 400 / 2


def test_a_process_that_dies_loses_no_more_than_its_block(in_memory: RatesTable) -> None:
    def kill(played: Simulation) -> None:
        if played.chance.random() < 0.05:
            played.chance.choice(played.processes).known.clear()

    played = simulation(80.0, 20, 1)
    played.run([number / 200 for number in range(1000)], before=kill)
    assert len(played.sent) == 1000
    assert played.sent[-1] <= 1000 / 80 * 1.5 + 5


@given(st.integers(0, 2**32), st.lists(st.sampled_from([-86_400.0, -900.0, 900.0, 86_400.0]), min_size=1, max_size=3))
@settings(max_examples=10, deadline=None)
def test_clocks_that_jump_stop_no_account_and_at_most_add_a_burst_each_time(seed: int, jumps: list[float]) -> None:
    times = [(5.0 * number + 3, jump) for number, jump in enumerate(jumps)]

    def jump(played: Simulation) -> None:
        while times and played.now >= times[0][0]:
            played.chance.choice(played.processes).skew += times.pop(0)[1]

    with pytest.MonkeyPatch.context() as patch:
        table = RatesTable()
        patch.setattr(rates, "client", lambda _service: table)
        played = simulation(40.0, 10, seed)
        played.run([number / 30 for number in range(900)], before=jump)
    assert len(played.sent) == 900
    for seconds in (1.0, 10.0):
        assert played.most_within(seconds) <= 2 * 40 * (seconds + SLACK) * (1 + len(jumps))
    assert played.sent[-1] < 600


def test_what_a_process_knows_of_a_cell_may_be_old(in_memory: RatesTable) -> None:
    played, sent = simulation(20.0, 60, 1, skew=0), 0
    for _ in range(3):  # at one moment
        for process in played.processes:
            with suppress(Paced):
                played.account(process).take()
                sent += 1
    assert sent == 20


def test_a_refusal_of_the_account_is_known_to_all_processes(in_memory: RatesTable) -> None:
    played = simulation(80.0, 3, 1, skew=0)
    first, second, third = (played.account(process) for process in played.processes)
    first.take()
    assert 60 <= first.refused(60.0) <= 90
    for account in (first, second, third):
        with pytest.raises(Paced) as paced:
            account.take()
        assert paced.value.slot >= (NOW + 60) * 1000 - 1
    # A second worker that is refused for the same reason finds it told.
    in_memory.calls.clear()
    second.refused(60.0)
    assert in_memory.calls == ["UpdateItem"]


@pytest.mark.parametrize("seconds", [1.0, 3.0, 60.0])
@pytest.mark.parametrize("rate", [1.0, 30.0, 80.0])
def test_nothing_is_sent_before_a_refusal_is_over(seconds: float, rate: float, in_memory: RatesTable) -> None:
    played = simulation(rate, 3, 1, skew=0)
    played.account(played.processes[0]).refused(seconds)
    for moment in (0.05, seconds - 0.5, seconds - 0.05):
        played.now = moment
        for process in played.processes:
            with pytest.raises(Paced) as paced:
                played.account(process).take()
            assert paced.value.slot >= (NOW + seconds) * 1000 - 1


@pytest.mark.parametrize("lag", [10.0, 30.0])
def test_a_backlog_is_sent_while_turns_lag(lag: float, in_memory: RatesTable) -> None:
    played = simulation(30.0, 20, 1, skew=0)
    played.lateness = lag
    played.run([number / 200 for number in range(600)])
    assert played.turns <= 2 * 600
    assert played.sent[-1] <= 600 / 30 * 1.2 + lag


def test_another_account_is_not_concerned(in_memory: RatesTable) -> None:
    played = simulation(80.0, 1, 1)
    played.account(played.processes[0]).refused(60.0)
    other = AccountRate("rates", "whatsapp/107", 80.0, clock=lambda: NOW, known=played.processes[0].known)
    other.take()
    assert {name.partition("#")[0] for name in in_memory.rows} == {"whatsapp/106", "whatsapp/107"}


@pytest.fixture
def on_moto(table: Callable[..., str]) -> None:
    table("rates", "cell")
    table("effects", "effect")


def test_the_fake_table_behaves_like_dynamodb(
    in_memory: RatesTable, monkeypatch: pytest.MonkeyPatch, on_moto: None
) -> None:
    def played() -> list[float]:
        one = simulation(5.0, 3, 7)
        random.seed(7)
        one.run([number / 20 for number in range(40)])
        one.account(one.processes[0]).refused(2.0)
        one.run([one.now + 1 + number / 20 for number in range(10)])
        return one.sent

    on_the_fake = played()
    monkeypatch.setattr(rates, "client", aws.client)
    assert played() == on_the_fake


def test_a_message_and_its_slot_are_recorded_in_one_transaction(on_moto: None) -> None:
    visit = a_visit({})
    effects = Effects("effects", visit)
    paced = PacedEffects(effects, AccountRate("rates", "whatsapp/106", 1.0, clock=lambda: NOW, known={}))
    assert paced.send(effects.key("say"), lambda died: {"died": died}) == {"died": 0}
    # The same message again has its result, and takes nothing.
    assert paced.send(effects.key("say"), lambda died: {"died": died}) == {"died": 0, "repeated": True}
    with pytest.raises(Paced):
        paced.send(effects.key("more"), lambda _: pytest.fail("the account has no slot"))
    # An earlier run sent it, and its turn was not saved: while the account is full, it must not be owed, too.
    assert paced.send(effects.key("say"), lambda _: pytest.fail("it was sent"))["repeated"]
    rows = aws.client("dynamodb").scan(TableName="effects")["Items"]
    assert [row["effect"]["S"] for row in rows] == [effects.key("say")]
