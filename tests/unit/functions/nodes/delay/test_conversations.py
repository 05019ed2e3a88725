"""Whole conversations with a Delay node, in virtual time: days pass, and nothing but its time moves it on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.conversation.early_files import FILE_KEPT_UNASKED, FILE_UNUSED
from tests.fakes.owing_world import DAY, HOUR, REFUSED, World, asks_for_a_photo, text
from tests.fakes.turns import NOW

DONE = text("It is time.")


def delay(seconds: int, then: str = "then", *, say: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    config = {"for": seconds, "say": say, "exit_on_message": bool(message)}
    exits = {"done": then, "message": message or then, "failed": "end"}
    return {"type": "delay", "seconds": 20, "waits": True, "config": config, "exits": exits, **more}


def asks(prompt: str, then: str, *, attempts: int = 1, pattern: str = "") -> dict[str, Any]:
    config = {"prompt": prompt, "pattern": pattern, "save_as": "x", "attempts": attempts, "reprompt": "", "timeout": 0}
    exits = {"received": then, "gave_up": "end", "timeout": "end", "failed": "end"}
    return {"type": "input", "seconds": 20, "waits": True, "config": config, "exits": exits}


def played(nodes: dict[str, Any], *messages: tuple[float, str], **more: Any) -> World:
    """The flow, begun by a message and then sent these at their times (seconds); "photo" is one."""
    world = World(nodes, **more)
    world.send(text="hello")
    for at, what in messages:
        world.send(at=at, text="" if what == "photo" else what, photo=what == "photo")
    world.run(until=60 * DAY)
    return world


@given(
    seconds=st.integers(30, 30 * DAY),
    at=st.lists(st.integers(1, 30 * DAY), max_size=6),
    say=st.booleans(),
    ahead=st.booleans(),
)
def test_it_goes_on_at_its_time_and_once_whatever_is_sent_meanwhile(
    seconds: int, at: list[int], say: bool, ahead: bool
) -> None:
    nodes = {"first": delay(seconds, say="Later." if say else "", files_ahead=ahead), "then": DONE}
    during = [(float(each), "photo" if each % 3 == 0 else "hi") for each in sorted(at) if each < seconds]
    world = played(nodes, *during)
    assert world.exits("first") == ["done"]
    assert NOW + seconds <= world.now <= NOW + seconds + 5
    assert world.session.state == "ended"


def test_the_session_s_own_timeout_does_not_end_it() -> None:
    world = played({"first": delay(3 * DAY), "then": DONE}, timeout=600)
    assert world.channel.heard == ["It is time."]


def test_it_answers_whoever_writes_and_writes_again_when_the_time_has_come() -> None:
    nodes = {"first": delay(DAY, say="Tomorrow."), "then": DONE}
    world = played(nodes, (60, "hello?"), (70, "anyone?"), (3 * HOUR, "and now?"))
    assert world.channel.heard == ["Tomorrow.", "Tomorrow.", "It is time."]


def test_a_message_ends_it_where_the_flow_says_so() -> None:
    world = played({"first": delay(DAY, message="stop"), "then": DONE, "stop": text("You wrote.")}, (HOUR, "I am here"))
    assert world.channel.heard == ["You wrote."]
    assert world.now < NOW + DAY + 60


def test_what_the_customer_wrote_meanwhile_answers_the_next_question_that_it_fits() -> None:
    nodes = {"first": delay(HOUR, "then"), "then": asks("Your plate?", "last", pattern="[A-Z0-9 ]+"), "last": DONE}
    world = played(nodes, (60, "hello?"), (120, "anyone there??"), (180, "B AB 1"), (190, "thanks"))
    assert world.exits("then") == ["received"]
    assert world.channel.heard == ["Your plate?", "It is time."]


def test_a_file_that_came_meanwhile_is_taken_by_the_next_node_that_asks_for_one() -> None:
    nodes = {"first": delay(HOUR, "then", files_ahead=True), "then": asks_for_a_photo("A photo?", "last"), "last": DONE}
    world = played(nodes, (60, "photo"))
    assert world.channel.heard == [FILE_KEPT_UNASKED, "A photo?", "It is time."]


def test_a_file_that_nobody_wants_is_refused_at_once() -> None:
    world = played({"first": delay(HOUR, say="Later."), "then": DONE}, (60, "photo"))
    assert world.channel.heard == [FILE_UNUSED, "It is time."]


def test_an_answer_that_the_channel_does_not_take_is_owed_and_does_not_move_the_time() -> None:
    world = World({"first": delay(HOUR, say="Later."), "then": DONE})
    world.channel.script = [REFUSED] * 3
    world.send(text="hello")
    world.send(at=60, text="hello?")
    world.run()
    assert world.channel.heard == ["Later.", "It is time."]
    assert NOW + HOUR <= world.now <= NOW + HOUR + 5


def test_a_loop_of_delays_ends_after_very_many_with_the_apology(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatflow.conversation.wait_begin.MAX_TIME_WAITS", 20)
    routes = {"routes": [{"flow": "claims"}], "apology": "Sorry."}
    world = played({"first": text("Again.", "then"), "then": delay(60, "first")}, routes=routes)
    assert world.channel.heard == ["Again."] * 21 + ["Sorry."]
    assert world.session.state == "ended"


def test_a_time_that_is_none_or_has_passed_leads_on_at_once_also_behind_another_question() -> None:
    """What follows a node that waits is in a slice of its own, which the run before it does not have."""
    wait = delay(0)
    wait["config"] = {"until": "[[x]]", "say": "", "exit_on_message": False}
    wait["exits"] = {"done": "passed", "message": "passed", "failed": "sorry"}
    nodes = {"first": asks("When?", "wait"), "wait": wait, "passed": text("It has passed."), "sorry": text("No time.")}
    assert played(nodes, (5, "soon")).channel.heard == ["When?", "No time."]
    assert played(nodes, (5, str(NOW - 60))).channel.heard == ["When?", "It has passed."]


def test_a_pause_by_a_person_leaves_the_time_as_it_is() -> None:
    world = World({"first": delay(DAY), "then": DONE})
    world.send(text="hello")
    world.run(until=1)
    world.act("pause")
    world.run(until=HOUR)
    world.act("resume")
    world.run(until=2 * DAY)
    assert world.channel.heard == ["It is time."]
    assert NOW + DAY <= world.now <= NOW + DAY + 5


def test_an_operator_who_gives_up_leaves_it_by_the_exit_failed() -> None:
    nodes = {"first": delay(DAY), "then": DONE}
    nodes["first"]["exits"]["failed"] = "then"
    world = World(nodes)
    world.send(text="hello")
    world.run(until=1)
    world.act("give_up")
    world.run(until=HOUR)
    assert world.channel.heard == ["It is time."]
    assert world.session.state == "ended"
