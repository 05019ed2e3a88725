"""The business begins a flow: with someone new, beside a session that runs, or in its place."""

from __future__ import annotations

from tests.fakes.turns import ENDS, NOW, TurnWorld, begun, waits, wrote


def test_the_business_begins_a_flow_with_what_it_knows() -> None:
    world = TurnWorld([waits()])

    assert world.take(begun(variables={"claim": "A 7"})) == "waiting"

    assert world.runs[0]["variables"] == {"claim": "A 7"}
    assert world.runs[0]["conversation"]["contact"] == "16505551234"
    assert world.sessions.records["start#1"]["variables"] == {"claim": "A 7"}
    assert "16505551234" not in str(world.sessions.records)


def test_a_session_that_runs_is_left_alone_and_the_start_noted_as_refused() -> None:
    world = TurnWorld([waits()], flows=["claims", "survey"])
    world.take(wrote())
    before = world.sessions.session

    assert world.take(begun("survey")) == "refused"

    assert world.sessions.session == before
    assert world.sessions.records["start#1"]["refused"] == "session_running"
    assert world.take(begun("survey")) == "repeated"


def test_a_session_that_runs_is_replaced_when_the_start_says_so() -> None:
    world = TurnWorld([waits(variables={"plate": "B"}), waits()], flows=["claims", "survey"])
    world.take(wrote())
    first = world.sessions.session

    assert world.take(begun("survey", replace=True)) == "waiting"

    second = world.sessions.session
    assert first is not None
    assert second is not None
    assert second.session != first.session
    assert (second.flow, second.variables) == ("survey", {})


def test_a_start_replaces_a_session_that_cannot_go_on() -> None:
    world = TurnWorld([{"status": "deferred", "at": "third"}, waits()], flows=["claims", "survey"], seconds_per_run=61)
    world.take(wrote())

    assert world.take(begun("survey", replace=True)) == "waiting"
    assert (world.runs[1]["flow"], world.runs[1]["at"]) == ("survey", "first")


def test_a_start_after_a_session_has_ended_is_a_session_of_its_own() -> None:
    world = TurnWorld([ENDS, waits()])
    world.take(wrote())
    first = world.sessions.session
    assert world.take(begun()) == "waiting"
    assert first is not None
    assert world.sessions.session is not None
    assert world.sessions.session.session != first.session


def test_a_variable_that_the_session_before_held_too_is_a_change_of_the_new_one() -> None:
    world = TurnWorld([waits(variables={"plate": "B"}), waits(variables={"plate": "B"})])
    world.take(wrote())
    world.take(begun(replace=True))

    record = world.sessions.records["start#1"]
    assert (record["variables"], record["before"]) == ({"plate": "B"}, {})


def test_the_last_word_of_the_customer_is_remembered_and_no_other_event_changes_it() -> None:
    world = TurnWorld([waits(), waits()])
    world.take(wrote())
    world.now += 100
    world.take(begun(replace=True))
    assert world.sessions.session is not None
    assert world.sessions.session.heard_at == NOW


def test_a_phone_whose_clock_is_fast_keeps_no_window_open() -> None:
    world = TurnWorld([waits()], now=NOW - 50)
    world.take(wrote())
    assert world.sessions.session is not None
    assert world.sessions.session.heard_at == NOW - 50
