"""The pace of one account, as a rule; test_rates.py plays many processes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.pacing import BURST_SECONDS, LATE_SECONDS, MAX_AHEAD_SECONDS, Block, Doubt, Pace, is_in_slot

NOW = 1_800_000_000_000
rates = st.floats(0.1, 1000)


@given(rates)
def test_the_cells_of_an_account_together_have_its_rate(rate: float) -> None:
    pace = Pace(rate)
    slots = 1000 / pace.cost(1) * pace.cells
    assert 0.95 * rate <= slots <= 1.05 * rate
    assert pace.max_block >= 1
    assert pace.cost(pace.max_block) <= pace.burst


@given(rates, st.integers(-1000, 2_000_000), st.integers(1, 8))
def test_slots_that_can_be_used_at_once_end_within_the_burst(rate: float, ahead: int, slots: int) -> None:
    pace = Pace(rate)
    state = pace.state(NOW + ahead, NOW, slots)
    if state == "room":
        assert NOW + ahead + pace.cost(slots) <= NOW + max(BURST_SECONDS * 1000, pace.cost(1))
    if state == "idle":
        assert ahead <= 0
    if state == "wrong":
        assert ahead > MAX_AHEAD_SECONDS * 1000


def test_an_idle_cell_gives_its_burst_and_then_its_rate() -> None:
    pace = Pace(80.0)
    free_at, at_once = 0, 0
    while pace.state(free_at, NOW, 1) != "full":
        free_at = max(free_at, NOW) + pace.cost(1)
        at_once += 1
    assert at_once * pace.cells == 80
    assert pace.state(free_at, NOW + pace.cost(1), 1) == "room"


def test_a_process_takes_more_at_a_time_while_it_sends_fast_and_one_after_a_rest() -> None:
    pace, block, sizes = Pace(80.0), Block(), []
    for _ in range(4):
        size = block.next_size(pace, NOW)
        sizes.append(size)
        block = Block(size, size, NOW)
        for _ in range(size):
            assert block.is_usable(NOW)
            block = block.spend()
    assert sizes == [1, 2, 4, 5]
    assert block.next_size(pace, NOW + 1000) == 1


def test_what_a_message_of_many_pieces_used_is_taken_with_the_next_block() -> None:
    block = Block(0, 1, NOW).spend(2)
    assert not block.is_usable(NOW)
    assert block.next_size(Pace(80.0), NOW + 5000) == 3


def test_a_block_is_of_no_use_when_its_time_is_over_or_the_clock_was_set_back() -> None:
    block = Block(3, 3, NOW)
    assert [block.is_usable(NOW + after) for after in (0, 999, 1000, -1, -3_600_000)] == [True, True, *[False] * 3]


def test_a_slot_is_kept_for_some_seconds_and_never_used_early() -> None:
    late = int(LATE_SECONDS * 1000)
    assert [is_in_slot(NOW, NOW + after) for after in (-1, 0, late, late + 1)] == [False, True, True, False]


def test_what_seems_wrong_is_believed_while_somebody_moves_it() -> None:
    doubt = Doubt().seen(1, NOW)
    assert not doubt.seen(1, NOW + 4_999).has_settled(NOW + 4_999)
    assert doubt.seen(1, NOW + 5_000).has_settled(NOW + 5_000)
    assert not doubt.seen(2, NOW + 5_000).has_settled(NOW + 5_000)
    assert not doubt.seen(1, NOW - 3_600_000).has_settled(NOW - 3_600_000)
