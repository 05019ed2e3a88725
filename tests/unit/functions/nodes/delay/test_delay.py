"""The Delay node: until when it waits, and what it does with messages meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chatflow.conversation.session import ANY_MESSAGE, ANY_WITHOUT_FILE
from chatflow.errors import ChannelRefused, ChannelUnavailable
from nodes.delay.rule import visit
from tests.fakes.visit import NOW, FakePorts, a_visit, media, text, timeout

SECONDS = NOW // 1000
WAITS: dict[str, Any] = {"for": 3600, "say": "", "exit_on_message": False}
UNTIL: dict[str, Any] = {"until": "[[visit]]", "say": "", "exit_on_message": False}
SAYS: dict[str, Any] = {**WAITS, "say": "We write tomorrow, [[name]]."}
STATE = {"until": SECONDS + 3600}


def entered(config: dict[str, Any], **variables: Any) -> Any:
    return visit(a_visit(config, variables=variables, node="pause"), FakePorts())


def until(outcome: Any) -> int:
    assert outcome.wait is not None
    assert outcome.wait.wait_state["until"] == outcome.wait.until
    return int(outcome.wait.until)


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def test_it_waits_as_long_as_it_says() -> None:
    assert until(entered(WAITS)) == SECONDS + 3600


def test_it_waits_until_a_time_of_day() -> None:
    # NOW is 08:53:20 in Greenwich, and 10:53:20 in Berlin in October.
    config = {"at": "11:00", "zone": "Europe/Berlin", "say": "", "exit_on_message": False}
    assert until(entered(config)) == SECONDS + 400


def test_it_waits_until_the_time_in_a_variable() -> None:
    assert until(entered(UNTIL, visit=iso(SECONDS + 90))) == SECONDS + 90
    assert until(entered(UNTIL, visit=SECONDS + 30 * 86_400)) == SECONDS + 30 * 86_400


@pytest.mark.parametrize("ago", [0, 1, 86_400])
def test_a_time_that_has_passed_is_no_wait(ago: int) -> None:
    outcome = entered(UNTIL, visit=iso(SECONDS - ago))
    assert outcome.exit == "done"
    assert outcome.effects == ({"effect": "wait", "skipped": "the time has passed"},)


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "not_a_time"),
        ({"visit": "tomorrow"}, "not_a_time"),
        ({"visit": {"at": SECONDS}}, "not_a_time"),
        ({"visit": "2026-12-24T18:00:00"}, "not_a_time"),
        ({"visit": SECONDS + 30 * 86_400 + 1}, "too_far"),
    ],
)
def test_a_variable_without_a_time_or_with_one_too_far_ahead_takes_the_exit_failed(
    variables: dict[str, Any], reason: str
) -> None:
    outcome = entered(UNTIL, **variables)
    assert outcome.exit == "failed"
    assert outcome.set == {"pause_failure": {"reason": reason}}
    assert outcome.effects[0]["reason"] == reason


def test_a_zone_that_left_the_database_after_publishing_takes_the_exit_failed() -> None:
    outcome = entered({"at": "09:00", "zone": "Europe/Nowhere", "say": "", "exit_on_message": False})
    assert (outcome.exit, outcome.set) == ("failed", {"pause_failure": {"reason": "no_such_zone"}})


@pytest.mark.parametrize("config", [WAITS, SAYS, UNTIL, {**WAITS, "exit_on_message": True}])
def test_at_its_time_it_goes_on(config: dict[str, Any]) -> None:
    assert visit(a_visit(config, event=timeout(), wait_state=STATE), FakePorts()).exit == "done"


def test_a_timeout_that_led_to_it_does_not_end_it_at_once() -> None:
    """The event of a turn stays the same for all of its nodes."""
    outcome = visit(a_visit(WAITS, event=timeout(), phase="enter", wait_state={}), FakePorts())
    assert until(outcome) == SECONDS + 3600


@pytest.mark.parametrize(
    ("more", "expects"),
    [
        ({}, ()),
        ({"say": "Later."}, (ANY_WITHOUT_FILE,)),
        ({"exit_on_message": True}, (ANY_MESSAGE,)),
    ],
)
def test_it_wants_only_the_messages_that_it_has_a_use_for(more: dict[str, Any], expects: tuple[str, ...]) -> None:
    assert entered({**WAITS, **more}).wait.expects == expects


@pytest.mark.parametrize("event", [text("hello"), media()])
def test_a_message_takes_the_exit_message_where_the_author_wrote_it(event: dict[str, Any]) -> None:
    outcome = visit(a_visit({**WAITS, "exit_on_message": True}, event=event, wait_state=STATE), FakePorts())
    assert outcome.exit == "message"


def test_a_message_is_answered_and_does_not_move_the_time() -> None:
    ports = FakePorts(clock=lambda: NOW + 60_000)
    outcome = visit(a_visit(SAYS, event=text("when?"), wait_state=STATE, variables={"name": "Ann"}), ports)
    assert ports.texts == ["We write tomorrow, Ann."]
    assert until(outcome) == SECONDS + 3600
    assert outcome.wait.expects == (ANY_WITHOUT_FILE,)


@pytest.mark.parametrize(("seconds", "said"), [(1, 0), (599, 0), (600, 1), (86_400, 1)])
def test_the_answer_is_said_again_only_after_ten_minutes(seconds: int, said: int) -> None:
    ports = FakePorts(clock=lambda: NOW + seconds * 1000)
    state = {**STATE, "said_at": SECONDS}
    outcome = visit(a_visit(SAYS, event=text("hello?"), wait_state=state), ports)
    assert len(ports.texts) == said
    assert outcome.wait.wait_state == {**STATE, "said_at": SECONDS + (seconds if said else 0)}


@pytest.mark.parametrize("refuses", [ChannelRefused(131047, "closed"), ChannelUnavailable("down")])
def test_an_answer_that_cannot_be_sent_leaves_the_wait_as_it_is(refuses: Exception) -> None:
    outcome = visit(a_visit(SAYS, event=text("when?"), wait_state=STATE), FakePorts(refuses=refuses))
    assert until(outcome) == SECONDS + 3600
    assert "failed" in outcome.effects[0]


def test_an_answer_that_turns_out_empty_is_not_sent() -> None:
    ports = FakePorts()
    visit(a_visit({**SAYS, "say": "[[name]]"}, event=text("when?"), wait_state=STATE), ports)
    assert ports.texts == []
