"""Slots and breaker of a host: what holds of every sequence of calls, whatever the clocks of the workers say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatflow.integrations.host_health import (
    CELL_SLOTS,
    MAX_LEASE_SECONDS,
    MAX_OPEN_SECONDS,
    WINDOW_SECONDS,
    Cell,
    Health,
    admission,
    after_trouble,
    call_health,
    capacities,
    host_of,
    lease,
    probe_closes,
)

NOW = 1_760_000_000


@given(st.integers(1, 1000))
def test_cells_have_as_many_slots_as_calls_may_be_at_the_host_and_each_has_few(calls: int) -> None:
    cells = capacities(calls)
    assert sum(cells) == calls
    assert all(1 <= slots <= CELL_SLOTS for slots in cells)
    assert max(cells) - min(cells) <= 1


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.example.com/a?b=c", "api.example.com:443"),
        ("http://api.example.com", "api.example.com:80"),
        ("http://api.example.com:8080/x", "api.example.com:8080"),
        ("https://[2001:db8::1]:9443/", "2001:db8::1:9443"),
    ],
)
def test_calls_to_one_host_and_port_share_its_slots(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("status", "exit", "milliseconds", "health"),
    [
        (503, "503", 100, "failure"),  # the flow has an exit for it, and the API cannot work
        (500, "success", 100, "failure"),  # the body says so; the status does not
        (429, "slow_down", 19_000, "failure"),
        (404, "404", 100, "answered"),
        (409, "duplicate", 19_000, "answered"),
        (200, "success", 100, "success"),
        (200, "approved", 100, "success"),
        (200, "failure", 100, "answered"),  # garbage, or the business says no
        (404, "failure", 100, "answered"),
        (410, "success", 100, "success"),  # where the integration calls that a success
        (410, "gone", 19_000, "slow"),
        (410, "failure", 100, "answered"),
        (409, "failure", 19_000, "answered"),
        (500, "failure", 100, "failure"),
        (503, "failure", 100, "failure"),
        (429, "failure", 100, "failure"),
        (200, "success", 15_001, "slow"),
    ],
)
def test_health_is_what_the_integration_makes_of_an_answer(
    status: int, exit: str, milliseconds: int, health: Health
) -> None:
    assert call_health(status, exit, milliseconds, seconds=20, success={200, 410}) == health


def test_a_lease_that_no_correct_clock_could_have_written_takes_no_slot() -> None:
    leases = {lease("dead", NOW - 1), lease("tomorrow", NOW + 86_400), "no number:at all", lease("good", NOW + 30)}
    found = admission(Cell(frozenset(leases)), 2, NOW)
    assert (found.kind, found.expired) == ("free", leases - {lease("good", NOW + 30)})


@given(st.integers(1, CELL_SLOTS))
def test_a_host_that_fails_each_time_is_open_after_as_many_calls_as_a_cell_has_slots(capacity: int) -> None:
    cell, failures = Cell(), 0
    while not cell.open_until:
        failures += 1
        cell = _after(cell, "failure", capacity, NOW + failures)
    assert failures == max(2, capacity)


@given(st.integers(1, CELL_SLOTS), st.integers(1, 60), st.sampled_from(["slow", "failure"]))
def test_calls_that_hang_in_step_open_the_host_with_their_second_batch_at_the_latest(
    capacity: int, seconds: int, health: Health
) -> None:
    cell, field = Cell(good=1000), "slow" if health == "slow" else "bad"
    for batch in (1, 2):  # all are counted before the first one asks what follows from it
        cell = replace(cell, **{field: getattr(cell, field) + max(2, capacity)})
        for _ in range(max(2, capacity)):
            now = NOW + batch * seconds
            cell = after_trouble(cell, health, capacity, now, probe=False, chance=0.5) or cell
    assert cell.open_until


def test_trouble_of_another_time_is_not_counted() -> None:
    old = Cell(since=NOW - WINDOW_SECONDS, good=7, slow=3, bad=4)
    assert after_trouble(old, "failure", 4, NOW, probe=False, chance=0.5) == Cell(since=NOW, bad=1)
    assert after_trouble(old, "slow", 4, NOW, probe=False, chance=0.5) == Cell(since=NOW, slow=1)


@given(st.integers(1, CELL_SLOTS))
def test_a_host_that_is_always_slow_opens_too(capacity: int) -> None:
    cell = Cell()
    for number in range(2 * max(2, capacity)):
        cell = _after(cell, "slow", capacity, NOW + number)
    assert cell.open_until


@given(st.lists(st.sampled_from(["success", "answered"]), max_size=60), st.integers(1, CELL_SLOTS))
def test_refusals_open_nothing(answers: list[Health], capacity: int) -> None:
    cell = Cell()
    for number, health in enumerate(answers):
        cell = _after(cell, health, capacity, NOW + number)
    assert not cell.open_until


def test_a_few_failures_among_many_answers_open_nothing() -> None:
    cell = Cell()
    for number in range(200):
        cell = _after(cell, "failure" if number % 5 == 0 else "success", 4, NOW + number // 10)
    assert not cell.open_until


@given(st.integers(0, 40), st.floats(0, 1))
def test_a_breaker_is_probed_soon_however_long_the_outage_lasts(trips: int, chance: float) -> None:
    cell = Cell(open_until=NOW, trips=trips)
    again = after_trouble(cell, "failure", 4, NOW, probe=True, chance=chance)
    assert again is not None
    assert NOW < again.open_until <= NOW + MAX_OPEN_SECONDS
    assert again.trips == trips + 1


def _after(cell: Cell, health: Health, capacity: int, now: int) -> Cell:
    """The cell after a call outside a probe, as the adapter counts it."""
    field = {"success": "good", "answered": "good", "slow": "slow", "failure": "bad"}[health]
    counted = replace(cell, **{field: getattr(cell, field) + 1})
    if health in ("slow", "failure"):
        return after_trouble(counted, health, capacity, now, probe=False, chance=0.5) or counted
    return counted


class OneCell(RuleBasedStateMachine):
    """Workers with wrong clocks call one host through one cell; the host is up or down; workers die."""

    CAPACITY = 3

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()
        self.time = NOW
        self.up = True
        self.inside: dict[str, tuple[int, bool]] = {}  # leases of living calls: when they end, and whether they probe
        self.names = 0

    def _clock(self, skew: int) -> int:
        return self.time + skew

    @rule(seconds=st.integers(1, 20))
    def time_passes(self, seconds: int) -> None:
        self.time += seconds
        late = [each for each, (ends, _) in self.inside.items() if ends <= self.time]
        for each in late:  # a visit ends in time, with a failure
            self._ends(each, "failure")

    @rule(up=st.booleans())
    def host_changes(self, up: bool) -> None:
        self.up = up

    @rule(skew=st.integers(-3, 3))
    def a_call_begins(self, skew: int) -> None:
        now = self._clock(skew)
        found = admission(self.cell, self.CAPACITY, now)
        self.cell = replace(self.cell, leases=self.cell.leases - found.expired)
        if found.kind not in ("free", "probe"):
            return
        self.names += 1
        mine = lease(str(self.names), now + 65)
        self.cell = replace(self.cell, leases=self.cell.leases | {mine})
        if found.kind == "probe":
            self.cell = replace(self.cell, open_until=now + 65)
        self.inside[mine] = (self.time + 60, found.kind == "probe")

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), refuses=st.booleans())
    def a_call_ends(self, data: st.DataObject, refuses: bool) -> None:
        each = data.draw(st.sampled_from(sorted(self.inside)))
        self._ends(each, ("answered" if refuses else "success") if self.up else "failure")

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def a_worker_dies(self, data: st.DataObject) -> None:
        del self.inside[data.draw(st.sampled_from(sorted(self.inside)))]

    @rule(jump=st.sampled_from([-86_400, 86_400, 10**9]))
    def a_clock_is_wrong_and_writes(self, jump: int) -> None:
        """The worst that one such worker can leave behind: a lease, and an open breaker, of another time."""
        wrong = self.time + jump
        self.cell = replace(
            self.cell, leases=self.cell.leases | {lease("wrong", wrong)}, open_until=self.cell.open_until and wrong
        )

    def _ends(self, each: str, health: Health) -> None:
        _, probe = self.inside.pop(each)
        self.cell = replace(self.cell, leases=self.cell.leases - {each})
        if probe and probe_closes(self.cell.answered, health):
            self.cell = Cell(self.cell.leases)
        elif probe and health == "answered":
            self.cell = replace(self.cell, open_until=self.time, answered=self.cell.answered + 1)
        elif probe:
            counted = replace(self.cell, bad=self.cell.bad + 1)
            self.cell = after_trouble(counted, health, self.CAPACITY, self.time, probe=True, chance=0.5) or counted
        else:
            self.cell = _after(self.cell, health, self.CAPACITY, self.time)

    @invariant()
    def no_more_calls_are_inside_than_there_are_slots(self) -> None:
        assert len(self.inside) <= self.CAPACITY

    @invariant()
    def it_recovers(self) -> None:
        """From any state: when the host is up and all calls have ended, a call gets through, and closes the breaker."""
        later = self.time + MAX_LEASE_SECONDS + WINDOW_SECONDS
        found = admission(self.cell, self.CAPACITY, later)
        assert found.kind in ("free", "probe")


OneCell.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOneCell = OneCell.TestCase
