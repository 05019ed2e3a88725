"""When a turn relies on a timer that an earlier one set, and what becomes of a timer that has fired."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chatflow.adapters.stepfunctions import WORKER_SECONDS
from chatflow.conversation.deadlines import Awaited, Timer, present_timeout, serves, timer_for
from chatflow.conversation.events import timeout_event
from chatflow.conversation.session import Session

NOW = 1_760_000_000
WAITS = Awaited("c_ann", "s_1", turn=5, deadline=NOW + 700, timer=NOW + 600)
AHEAD = st.one_of(st.integers(1, 2000), st.integers(1, 100_000))


def fired(at: int, turn: int = 2) -> dict[str, object]:
    return timeout_event("c_ann", "s_0", turn, at)


@given(set_at=st.integers(0, 5000), first=AHEAD, later=st.integers(0, 5000), second=AHEAD)
def test_a_timer_serves_only_if_it_fires_after_the_save_and_no_later_than_a_new_one_would(
    set_at: int, first: int, later: int, second: int
) -> None:
    timer, now = timer_for(set_at + first, set_at), set_at + later
    new = timer_for(now + second, now)
    assert serves(timer, now + second, now) == (timer.at - now >= 90 and timer.by <= new.by)
    assert not serves(None, now + second, now)


def test_no_save_takes_as_long_as_the_timer_it_relies_on_must_lie_ahead() -> None:
    assert WORKER_SECONDS + 10 < 90
    assert serves(Timer(NOW + 90, NOW + 90), NOW + 600, NOW)
    assert not serves(Timer(NOW + 89, NOW + 89), NOW + 600, NOW)


def test_a_schedule_which_may_be_a_minute_late_serves_no_deadline_that_is_precise_to_the_second() -> None:
    schedule = timer_for(NOW + 580, NOW - 3600)
    assert not serves(schedule, NOW + 600, NOW)
    assert serves(schedule, NOW + 640, NOW)
    assert serves(timer_for(NOW + 580, NOW), NOW + 600, NOW)


def test_the_timer_of_an_earlier_turn_stands_for_the_present_deadline() -> None:
    present = timeout_event("c_ann", "s_1", 5, NOW + 700)
    assert present_timeout(fired(NOW + 600), WAITS) == present
    assert present_timeout(fired(NOW + 700, turn=5), WAITS) == present


def test_a_timer_comes_to_nothing_where_a_later_one_was_set_or_nothing_is_due() -> None:
    assert present_timeout(fired(NOW + 599), WAITS) is None
    assert present_timeout(fired(NOW + 600), replace(WAITS, deadline=0)) is None
    assert present_timeout(fired(NOW + 600), replace(WAITS, timer=0)) is None  # an earlier version saved it


def test_a_session_stores_its_timer() -> None:
    session = Session("c_ann", "whatsapp", "106", "1650", turn=3, session="s_1", timer=Timer(NOW, NOW + 60))
    assert Session.from_json(session.to_json()) == session
    assert session.awaited == Awaited("c_ann", "s_1", 3, deadline=0, timer=NOW)
