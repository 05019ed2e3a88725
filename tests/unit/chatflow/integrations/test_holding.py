"""When a held call is tried again, and when it is given up: whatever the clocks say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.integrations.holding import (
    BUSY,
    Held,
    held_again,
    held_call,
    is_to_tell,
    longest_hold,
    retry_after,
)
from chatflow.nodes.ports import Answer

NOW, DAY = 1_760_000_000, 86_400
REASONS = ("status", "too_slow", "unavailable", "open", BUSY)


@given(
    reasons=st.lists(st.sampled_from(REASONS), min_size=1, max_size=60),
    jumps=st.lists(st.integers(-DAY, DAY), max_size=60),
    after=st.floats(0, 10**6),
    seconds=st.integers(10, 7 * DAY),
)
def test_whatever_the_clocks_say_the_next_try_comes_within_minutes_and_the_time_is_over_some_day(
    reasons: list[str], jumps: list[int], after: float, seconds: int
) -> None:
    held: Held | None = None
    now, left = NOW, seconds
    for reason, jump in zip(reasons, [*jumps, *[0] * len(reasons)], strict=False):
        again = held_again(held, key="k", reason=reason, seconds=seconds, now=now, after=after)
        if again is None:
            assert held is not None
            assert left <= 3600  # the hour that a clock may be wrong, or a timer late
            return
        assert again.since <= now < again.next <= min(now + 376, again.until)
        early = max(0, held.next - now) if held else 0  # an operator may ask for a try before it is due
        assert again.until - again.next <= left + early
        assert again.tries == (held.tries if held else 0) + 1
        assert held_call(again.to_json()) == again
        left = again.until - again.next
        held, now = again, max(0, again.next + jump)


@pytest.mark.parametrize("wrong", [-30 * DAY, -DAY, -7200, 7200, DAY, 30 * DAY])
def test_a_first_try_on_a_worker_whose_clock_is_wrong_shortens_and_lengthens_no_hold(wrong: int) -> None:
    held = held_again(None, key="k", reason="status", seconds=6 * 3600, now=NOW + wrong)
    now, ends = NOW + 5, NOW + 6 * 3600
    while held := held_again(held, key="k", reason="status", seconds=ends - now, now=now):
        assert 0 < held.next - now <= 376
        now = held.next
    assert ends - 3600 <= now <= ends + 60


def test_time_in_which_nothing_was_tried_is_not_counted_as_long_as_something_can_come_of_it() -> None:
    held = Held("k", NOW, NOW + 6 * 3600, "status", NOW + 3600, tries=9)
    later = NOW + 3600 + DAY  # after a day's pause
    again = held_again(held, key="k", reason="status", seconds=23 * 3600, now=later)
    assert again
    assert (again.since, again.until) == (NOW, later + 5 * 3600)
    again = held_again(held, key="k", reason="status", seconds=1800, now=later)
    assert again
    assert again.until == later + 1800


def test_calls_that_fail_together_do_not_come_back_together() -> None:
    next_tries = set()
    for number in range(200):
        held = None
        for _ in range(8):
            held = held_again(held, key=f"c_{number}", reason="open", seconds=DAY, now=held.next if held else NOW)
            assert held
        next_tries.add(held.next)
    assert len(next_tries) > 10


def test_after_others_took_the_slots_of_a_recovered_api_a_call_tries_soon_again() -> None:
    held = Held("k", NOW, NOW + DAY, "open", NOW + 7200, tries=80)
    again = held_again(held, key="k", reason=BUSY, seconds=DAY, now=NOW + 7200)
    assert again
    assert again.next - (NOW + 7200) <= 5


def test_an_api_that_names_a_time_is_left_alone_until_then_but_not_for_hours() -> None:
    for after, least, most in ((60, 60, 60), (10**6, 300, 300), (-5, 4, 5)):
        held = held_again(None, key="k", reason="status", seconds=DAY, now=NOW, after=after)
        assert held
        assert least <= held.next - NOW <= most


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("", 0),
        ("120", 120),
        ("soon", 0),
        ("-3", 0),
        ("9" * 40, 999_999_999),
        ("²", 0),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90),
        ("Mon, 99 Foo 2026 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(written: str, seconds: float) -> None:
    assert retry_after(Answer(503, {"retry-after": written} if written else {}), NOW * 1000) == seconds


HOURS = st.integers(0, 60 * 24).map(lambda hours: hours * 3600)


@given(
    hold_for=st.sampled_from([0, 10, 3600, DAY, 7 * DAY]),
    window=st.sampled_from([0, DAY, 7 * DAY]),
    silence=HOURS,
    files=st.lists(HOURS.map(lambda seconds: seconds - 10 * DAY), max_size=3),
)
def test_a_call_is_held_no_longer_than_anything_could_come_of_it(
    hold_for: int, window: int, silence: int, files: list[int]
) -> None:
    kept = [NOW + left for left in files]
    seconds = longest_hold(hold_for, NOW, window=window, last_message_at=NOW - silence, kept_until=kept)
    ends = [end for end in (*files, window - silence) if end > 0]
    assert 0 < seconds <= (hold_for or 7 * DAY)
    assert all(seconds <= end for end in ends)
    assert all(seconds <= end - 3600 for end in ends if end > 3600)
    assert seconds in {hold_for, (window or DAY) - 3600, *ends, *(end - 3600 for end in ends)}


def test_without_a_wish_a_call_is_held_until_an_hour_before_the_window_ends_and_else_for_23_hours() -> None:
    assert longest_hold(0, NOW, window=7 * DAY) == 7 * DAY - 3600
    assert longest_hold(0, NOW) == longest_hold(0, NOW, window=DAY) == 23 * 3600
    assert longest_hold(3 * DAY, NOW) == 3 * DAY  # a channel where a business may always write


def test_the_customer_is_told_once_and_of_a_wait_for_a_slot_only_when_it_lasts() -> None:
    held = Held("k", NOW, NOW + DAY, "status", NOW + 4)
    assert is_to_tell(held, NOW)
    assert not is_to_tell(replace(held, told=True), NOW + 3600)
    assert not is_to_tell(replace(held, reason=BUSY), NOW + 9)
    assert is_to_tell(replace(held, reason=BUSY), NOW + 10)


def test_another_wait_holds_no_call() -> None:
    assert held_call({}) is None
    assert held_call({"attempt": 2}) is None
    assert held_call({"held": "by a later release"}) is None
