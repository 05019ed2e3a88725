"""The business begins a flow: with someone new, beside a session that runs, or in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversation.run_turn import run_turn
from tests.fakes.turns import ENDS, NOW, FakeConversation, FakeFlows, begun, version, waits, wrote


def test_the_business_begins_a_flow_with_what_it_knows() -> None:
    conversation = FakeConversation([waits()])

    assert conversation.process(begun(variables={"claim": "A 7"})) == "waiting"

    assert conversation.runs[0]["variables"] == {"claim": "A 7"}
    assert conversation.runs[0]["conversation"]["contact"] == "16505551234"
    assert conversation.sessions.records["start#1"]["variables"] == {"claim": "A 7"}
    assert "16505551234" not in str(conversation.sessions.records)


def test_a_session_that_runs_is_left_alone_and_the_start_noted_as_refused() -> None:
    conversation = FakeConversation([waits()], flows=["claims", "survey"])
    conversation.process(wrote())
    before = conversation.sessions.session

    assert conversation.process(begun("survey")) == "refused"

    assert conversation.sessions.session == before
    assert conversation.sessions.records["start#1"]["refused"] == "session_running"
    assert conversation.process(begun("survey")) == "repeated"


def test_a_session_that_runs_is_replaced_when_the_start_says_so() -> None:
    conversation = FakeConversation([waits(variables={"plate": "B"}), waits()], flows=["claims", "survey"])
    conversation.process(wrote())
    first = conversation.sessions.session

    assert conversation.process(begun("survey", replace=True)) == "waiting"

    second = conversation.sessions.session
    assert first is not None
    assert second is not None
    assert second.session != first.session
    assert (second.flow, second.variables) == ("survey", {})


def test_a_start_replaces_a_session_that_cannot_go_on() -> None:
    conversation = FakeConversation(
        [{"status": "deferred", "at": "third"}, waits()], flows=["claims", "survey"], seconds_per_run=61
    )
    conversation.process(wrote())

    assert conversation.process(begun("survey", replace=True)) == "waiting"
    assert (conversation.runs[1]["flow"], conversation.runs[1]["at"]) == ("survey", "first")


def test_a_start_after_a_session_has_ended_is_a_session_of_its_own() -> None:
    conversation = FakeConversation([ENDS, waits()])
    conversation.process(wrote())
    first = conversation.sessions.session
    assert conversation.process(begun()) == "waiting"
    assert first is not None
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.session != first.session


def test_a_variable_that_the_session_before_held_too_is_a_change_of_the_new_one() -> None:
    conversation = FakeConversation([waits(variables={"plate": "B"}), waits(variables={"plate": "B"})])
    conversation.process(wrote())
    conversation.process(begun(replace=True))

    record = conversation.sessions.records["start#1"]
    assert (record["variables"], record["before"]) == ({"plate": "B"}, {})


def test_the_last_word_of_the_customer_is_remembered_and_no_other_event_changes_it() -> None:
    conversation = FakeConversation([waits(), waits()])
    conversation.process(wrote())
    conversation.now += 100
    conversation.process(begun(replace=True))
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.last_message_at == NOW


def test_a_phone_whose_clock_is_fast_keeps_no_window_open() -> None:
    conversation = FakeConversation([waits()], now=NOW - 50)
    conversation.process(wrote())
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.last_message_at == NOW - 50


def test_a_session_begins_with_the_version_that_was_seen_when_it_was_asked_for() -> None:
    asked: list[tuple[str, int]] = []

    class Flows(FakeFlows):
        def live(self, flow: str, at_least: int = 0) -> dict[str, Any]:
            asked.append((flow, at_least))
            return super().live(flow, at_least)

    conversation = FakeConversation([waits()])
    dependencies = replace(conversation.dependencies(), flows=Flows({"claims": version("claims")}))
    assert run_turn({**begun(), "version": 7}, dependencies) == "waiting"
    assert asked == [("claims", 7)]
