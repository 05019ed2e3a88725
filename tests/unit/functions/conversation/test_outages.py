"""An API that is in trouble loses nothing: its calls are held, and made once when it is back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.conversation.early_files import FILE_UNUSED
from chatflow.conversation.events import erase_event, operator_event
from chatflow.integrations.holding import held_call
from tests.fakes.outage_world import (
    FAILS,
    GARBAGE,
    HANGS,
    LIMITS,
    NO_SLOT,
    OPEN,
    TAKES,
    TROUBLE,
    UNREACHABLE,
    OutageWorld,
    one_photo,
    two_photos,
)
from tests.fakes.owing_world import DAY, HOUR, asks_for_a_photo
from tests.fakes.turns import NOW


def begun(nodes: dict[str, Any] | None = None, **more: Any) -> OutageWorld:
    world = OutageWorld(nodes or one_photo(), **more)
    world.send(text="photo")
    world.send(at=5, photo=True)
    return world


@pytest.mark.parametrize("trouble", [FAILS, LIMITS, UNREACHABLE, HANGS, OPEN])
def test_an_api_that_is_down_for_five_minutes_gets_the_file_within_a_minute_and_the_customer_is_told_once(
    trouble: str,
) -> None:
    world = begun()
    world.down(trouble, until=300)
    world.run()
    assert list(world.api.files.values()) == ["photo-1.jpg"]
    assert world.api.taken_at[0] - NOW - 300 <= 30
    assert world.channel.heard == ["Photo?", "Please wait", "Thank you"]
    assert world.exits("upload") == ["success"]
    assert len({key for _, key, _ in world.api.calls}) == 1


def test_each_try_is_in_the_transcript_and_the_row_says_what_is_held() -> None:
    world = begun()
    world.down(FAILS, until=DAY)
    world.run(until=60)
    held = held_call(world.session.held_call)
    assert held is not None
    assert (held.since, held.reason, held.tries) == (NOW + 5, "status", len(world.api.calls))
    assert NOW + 60 < held.next == world.session.waiting.deadline
    tries = [visit["effects"][0] for visit in world.visits if visit["node"] == "upload"]
    assert [each["held"]["tries"] for each in tries] == list(range(1, held.tries + 1))
    assert {each["reason"] for each in tries} == {"status"}
    reports = [about for what, about in world.reports if what == "held"]
    assert (reports[-1]["reason"], reports[-1]["tries"]) == ("status", held.tries)


def test_an_outage_that_never_ends_takes_the_exit_failure_an_hour_before_the_window_ends() -> None:
    world = begun()
    world.down(HANGS, until=30 * DAY)
    world.run()
    assert world.exits("upload") == ["failure"]
    last, _, _ = world.api.calls[-1]
    assert last == NOW + 5 + 23 * HOUR
    assert world.session.variables == {} or world.session.state == "ended"
    assert world.visits[-2]["effects"][0]["reason"] == "outage"
    assert world.channel.heard == ["Photo?", "Please wait", "Sorry"]
    assert len(world.api.calls) < 400


@pytest.mark.parametrize(
    ("kept_days", "hours_before", "wish", "ends"),
    [
        (30, 20, 0, 23 * HOUR),  # the window
        (30, 20, 600, 20 * HOUR + 600),
        (3, 71, 0, 3 * DAY),  # the file; the window is over and nothing can be said in it any more
        (3, 60, 0, 3 * DAY - HOUR),
        (30, 30, 0, 53 * HOUR),  # the window is over: the file may still arrive
    ],
)
def test_a_hold_that_begins_late_ends_while_the_customer_can_be_told_and_the_file_is_there(
    kept_days: int, hours_before: int, wish: int, ends: int
) -> None:
    delay = {"type": "delay", "seconds": 20, "waits": True, "exits": {"done": "upload"}}
    delay["config"] = {"for": hours_before * HOUR, "exit_on_message": False, "say": ""}
    nodes = {**one_photo(seconds=wish), "first": asks_for_a_photo("Photo?", "later"), "later": delay}
    world = begun(nodes, kept_days=kept_days)
    world.down(OPEN, until=30 * DAY)
    world.run()
    assert world.exits("upload") == ["failure"]
    assert abs(world.api.calls[-1][0] - NOW - 5 - ends) <= 1


def test_an_author_s_shorter_time_is_kept_and_a_longer_one_is_not() -> None:
    for seconds, longest in ((600, 600), (7 * DAY, 23 * HOUR)):
        world = begun(one_photo(seconds=seconds))
        world.down(OPEN, until=30 * DAY)
        world.run()
        assert world.api.calls[-1][0] == NOW + 5 + longest


def test_the_pauses_grow_and_a_recovery_is_seen_within_a_part_of_the_outage() -> None:
    world = begun()
    world.down(OPEN, until=10 * HOUR)
    world.run()
    times = [at - NOW for at, _, _ in world.api.calls]
    for before, after in pairwise(times):
        assert after - before <= max(25, before / 14) and after - before <= 376
    assert len([at for at in times if at < 600]) < 50


def test_neither_the_session_s_time_nor_a_message_ends_a_held_call() -> None:
    world = begun(timeout=60)
    world.down(FAILS, until=900)
    world.send(at=100, text="hello?")
    world.run()
    assert world.exits("upload") == ["success"]


def test_what_the_customer_sends_meanwhile_is_stored_and_waits_in_order() -> None:
    world = begun(two_photos())
    world.down(HANGS, until=300)
    world.send(at=30, photo=True)
    world.run(until=200)
    assert len(world.stored) == len(set(world.stored)) == 2  # once, however often the call is tried
    world.run()
    assert list(world.api.files.values()) == ["photo-1.jpg", "photo-2.jpg"]
    assert world.channel.heard[-1] == "Thank you"


def test_without_a_text_the_customer_is_told_nothing() -> None:
    world = begun(one_photo(say=""))
    world.down(FAILS, until=300)
    world.run()
    assert world.channel.heard == ["Photo?", "Thank you"]


def test_a_wait_for_a_slot_is_told_only_when_it_is_long() -> None:
    short, long = begun(), begun()
    short.down(NO_SLOT, until=10)
    long.down(NO_SLOT, until=60)
    for world in (short, long):
        world.run()
    assert short.channel.heard == ["Photo?", "Thank you"]
    assert long.channel.heard == ["Photo?", "Please wait", "Thank you"]


def test_a_call_that_is_not_held_waits_for_a_slot_but_not_for_long_and_fails_at_once_in_an_outage() -> None:
    waits, gives_up, fails = (begun(one_photo(hold=False)) for _ in range(3))
    waits.down(NO_SLOT, until=20)
    gives_up.down(NO_SLOT, until=600)
    fails.down(OPEN, until=600)
    for world in (waits, gives_up, fails):
        world.run()
    assert waits.exits("upload") == ["success"]
    assert (gives_up.exits("upload"), gives_up.api.calls[-1][0]) == (["failure"], NOW + 5 + 30)
    assert (fails.exits("upload"), len(fails.api.calls)) == (["failure"], 1)
    assert gives_up.visits[-2]["effects"][0]["reason"] == "busy"
    assert fails.visits[-2]["effects"][0]["reason"] == "open"


def test_garbage_is_an_answer_and_is_not_held() -> None:
    world = begun()
    world.down(GARBAGE, until=300)
    world.run()
    assert world.exits("upload") == ["failure"]
    assert world.visits[-2]["effects"][0]["reason"] == "not_json"


def test_an_operator_s_retry_tries_at_once_under_the_same_key_and_a_second_one_is_stale() -> None:
    world = begun()
    world.down(HANGS, until=3600)
    world.run(until=1800)
    calls = len(world.api.calls)
    session = world.session
    for number in ("1", "2"):  # the operator's button was pressed twice
        world.queue(operator_event(number, "c_ann", session.session, session.turn, action="retry", by="ann"))
    world.run(until=1801)
    assert len(world.api.calls) == calls + 1
    assert world.endings[-1] == "stale"
    assert world.session.held_call["held"]["since"] == NOW + 5
    world.run()
    assert len({key for _, key, _ in world.api.calls}) == len(world.api.files) == 1
    assert world.channel.heard == ["Photo?", "Please wait", "Thank you"]


def test_an_operator_s_stop_or_give_up_ends_a_held_call() -> None:
    for action, last in (("stop", "Please wait"), ("give_up", "Sorry")):
        world = begun()
        world.down(HANGS, until=3600)
        world.run(until=1000)
        calls = len(world.api.calls)
        world.act(action)
        world.run()
        assert (len(world.api.calls), world.channel.heard[-1], world.session.state) == (calls, last, "ended")


def test_a_contact_who_is_erased_while_a_call_is_held_is_uploaded_no_more() -> None:
    world = begun()
    world.down(UNREACHABLE, until=3600)
    world.run(until=600)
    calls = len(world.api.calls)
    world.queue(erase_event("1", "c_ann", int(world.now)))
    world.run()
    assert len(world.api.calls) == calls
    assert world.session is None
    assert world.api.files == {}


@pytest.mark.parametrize("jump", [-DAY, -60, 60, HOUR])
def test_a_clock_that_jumps_costs_no_file(jump: int) -> None:
    world = begun()
    world.down(FAILS, until=300)
    world.run(until=100)
    world.now += jump
    world.api.up_at += jump
    world._events = [(at + jump, number, event) for at, number, event in world._events]
    world.run()
    assert list(world.api.files.values()) == ["photo-1.jpg"]
    assert world.channel.heard == ["Photo?", "Please wait", "Thank you"]


def test_during_a_pause_nothing_is_tried_and_afterwards_the_call_goes_on() -> None:
    world = begun()
    world.down(OPEN, until=200)
    world.run(until=100)
    world.act("pause")
    world.run(until=101)
    calls = len(world.api.calls)
    world.run(until=1000)
    assert len(world.api.calls) == calls
    world.act("resume")
    world.run()
    assert world.exits("upload") == ["success"]


@pytest.mark.parametrize(("back_at", "last", "exit"), [(200, "Thank you", "success"), (9 * DAY, "Sorry", "failure")])
def test_a_pause_that_nobody_ends_loses_no_held_call(back_at: int, last: str, exit: str) -> None:
    world = begun()
    world.down(OPEN, until=back_at)
    world.run(until=100)
    world.act("pause")
    world.send(at=300, text="thanks, Olga")  # said to the person
    world.run()
    assert world.exits("upload") == [exit]
    assert world.channel.heard == ["Photo?", "Please wait", last]
    assert world.session.state == "ended"


@settings(max_examples=150, deadline=None)
@given(script=st.lists(st.sampled_from(TROUBLE), max_size=12), album=st.booleans(), texts=st.integers(0, 2))
def test_whatever_the_trouble_each_file_arrives_once_in_order_and_a_hold_is_told_once(
    script: list[str], album: bool, texts: int
) -> None:
    world = OutageWorld(two_photos())
    world.api.script = list(script)
    world.send(text="photo")
    world.send(at=5, photo=True)
    world.send(at=6 if album else 400, photo=True)
    for number in range(texts):
        world.send(at=7 + number, text="?")
    world.run()
    assert list(world.api.files.values()) == ["photo-1.jpg", "photo-2.jpg"]
    assert world.channel.heard.count("Please wait") <= 2  # two nodes may hold
    assert world.channel.heard.count("Thank you") == 1
    assert world.exits("upload") + world.exits("again") == ["success", "success"]
    assert world.session.state == "ended"


def test_takes_is_what_the_api_does_when_nothing_is_wrong() -> None:
    world = begun()
    world.run()
    assert [does for _, _, does in world.api.calls] == [TAKES]
    assert world.channel.heard == ["Photo?", "Thank you"]


def test_a_file_that_waited_behind_a_held_call_gets_a_word_when_the_session_is_stopped() -> None:
    world = begun(two_photos())
    world.down(HANGS, until=DAY)
    world.send(at=30, photo=True)
    world.run(until=100)
    world.act("stop")
    world.run()
    assert world.channel.heard[-1] == FILE_UNUSED
    assert world.api.files == {}
