"""A person of the business talks to the customer: the bot is silent, nothing is lost, and an operator lets it go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.conversation.events import Action, Event, continue_event, echo_event, operator_event, scan_event
from chatflow.conversation.events import timeout_event as deadline_event
from chatflow.conversation.pause import MAX_KEPT, QUIET_SECONDS, TOO_MANY_KEPT
from chatflow.conversation.session import Session
from chatflow.errors import TurnFailed
from chatflow.messages import IncomingMessage
from conversation.run_turn import Ending, run_turn
from tests.fakes.turns import ENDS, NOW, FakeConversation, begun, sent_other, sent_photo, waits, wished, wrote

KEY = "media/c_ann/s/3-first-a1"
SCANNING: dict[str, Any] = {
    "status": "waiting",
    "at": "photo",
    "wait": {"expects": ["scan"], "seconds": 120, "memo": {"attempt": 1, "key": KEY}},
}
DEFERRED = {"status": "deferred", "at": "third"}


def echoed(text: str = "Hello, this is Olga.", *, id: str = "wamid.echo", at: int = NOW, **more: Any) -> Event:
    """A person of the business wrote in the app."""
    fields: dict[str, Any] = {"kind": "text", "text": text, **more}
    message = IncomingMessage(id=id, channel="whatsapp", account="106", contact="16505551234", at=at, **fields)
    return echo_event(message, "c_ann")


def a_paused_conversation(*answers: dict[str, Any] | Exception, **more: Any) -> FakeConversation:
    """A session waits for an answer, and a person of the business has written."""
    conversation = FakeConversation([waits(), *answers], **more)
    conversation.process(wrote())
    conversation.now += 100
    assert conversation.process(echoed(at=int(conversation.now))) == "paused"
    return conversation


def newest(conversation: FakeConversation) -> Session:
    assert conversation.sessions.session is not None
    return conversation.sessions.session


def resumes(conversation: FakeConversation, *, apply_messages: bool = False, unique: str = "resume") -> Ending:
    """An operator resumes the session as it stands."""
    session = newest(conversation)
    return conversation.process(
        operator_event(
            unique,
            "c_ann",
            session.session,
            session.turn,
            action="resume",
            by="olga@example.com",
            apply_messages=apply_messages,
        )
    )


def due(conversation: FakeConversation) -> Event:
    """The newest schedule's event, at its time."""
    deadline, event = conversation.scheduled[-1]
    conversation.now = max(conversation.now, deadline)
    return event


def stored(conversation: FakeConversation) -> list[str]:
    """The events whose files were stored beside the flow."""
    return [run["event"]["id"] for run in conversation.runs if "storing" in run["nodes"]]


def test_an_echo_pauses_the_session_where_it_stands() -> None:
    conversation = a_paused_conversation()

    session = newest(conversation)
    assert (session.state, session.node, session.flow) == ("paused", "ask", "claims")
    assert len(conversation.runs) == 1
    record = conversation.sessions.records["wamid.echo"]
    assert (record["state"], record["event"]["message"]["text"]) == ("paused", "Hello, this is Olga.")
    assert "contact" not in record["event"]


def test_no_message_of_the_customer_is_answered_or_taken_as_an_answer_during_a_pause() -> None:
    conversation = a_paused_conversation(routes={"routes": [{"flow": "claims"}], "leave": [{"words": ["stop"]}]})

    for event in (wrote("stop", id="wamid.2"), wrote("B-AB 12", id="wamid.3"), sent_other("reaction", id="wamid.4")):
        assert conversation.process(event) == "paused"

    assert len(conversation.runs) == 1
    assert conversation.sessions.records["wamid.3"]["event"]["message"]["text"] == "B-AB 12"
    assert newest(conversation).node == "ask"


def test_a_file_that_comes_during_a_pause_is_stored_and_nothing_is_sent() -> None:
    conversation = a_paused_conversation(ENDS)
    trail = [{"node": "storing", "effects": [{"effect": "store", "key": KEY}]}]
    conversation.answers[0] = {**ENDS, "trail": trail}

    assert conversation.process(sent_photo(id="wamid.2")) == "paused"

    run = conversation.runs[-1]
    assert (run["at"], run["phase"], run["event"]["id"]) == ("storing", "resume", "wamid.2")
    assert run["nodes"]["storing"]["config"] == {"direction": "store"}
    record = conversation.sessions.records["wamid.2"]
    assert record["visits"] == trail
    assert (newest(conversation).node, newest(conversation).visits) == ("ask", 2)


def test_a_file_whose_turn_failed_is_stored_when_its_event_comes_again() -> None:
    conversation = a_paused_conversation(TurnFailed("the machine timed out"), ENDS)
    with pytest.raises(TurnFailed):
        conversation.process(sent_photo(id="wamid.2"))

    assert conversation.process(sent_photo(id="wamid.2")) == "paused"
    assert stored(conversation) == ["wamid.2", "wamid.2"]


def test_a_file_that_does_not_fit_its_turn_is_stored_by_a_continue_event() -> None:
    conversation = a_paused_conversation(ENDS)
    times = iter((conversation.now, *[conversation.now + 61] * 9))  # loading took a minute
    late = replace(conversation.dependencies(), clock=lambda: next(times))

    assert run_turn(sent_photo(id="wamid.2"), late) == "paused"
    assert stored(conversation) == []
    assert conversation.process(conversation.queued[-1]) == "paused"

    assert stored(conversation) == ["wamid.2"]
    assert newest(conversation).deadline == NOW + 100 + QUIET_SECONDS


def test_the_wait_s_deadline_ends_no_paused_session_and_the_rest_of_its_time_runs_from_the_resume() -> None:
    conversation = a_paused_conversation()
    _, waiting = conversation.scheduled[0]
    conversation.now = NOW + 5000
    assert conversation.process(waiting) == "stale"

    assert resumes(conversation) == "waiting"

    assert conversation.scheduled[-1][0] == NOW + 5000 + 500  # of ten minutes, 100 seconds had passed
    assert newest(conversation).waiting is not None
    assert newest(conversation).waiting.deadline == NOW + 5500  # type: ignore[union-attr]
    assert conversation.process(due(conversation)) == "ended"


def test_a_wait_that_was_all_but_over_gets_a_minute() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    conversation.now += 599
    conversation.process(echoed(at=int(conversation.now)))
    resumes(conversation)
    assert conversation.scheduled[-1][0] == NOW + 599 + 60


def test_after_a_resume_the_bot_waits_silently_and_the_next_answer_is_taken() -> None:
    conversation = a_paused_conversation(ENDS)
    conversation.process(wrote("for you, Olga", id="wamid.2"))

    assert resumes(conversation) == "waiting"
    assert len(conversation.runs) == 1
    assert conversation.process(wrote("for the bot", id="wamid.3")) == "ended"

    assert (conversation.runs[-1]["at"], conversation.runs[-1]["event"]["id"]) == ("ask", "wamid.3")


def test_an_operator_may_have_the_messages_of_the_pause_applied_in_their_order() -> None:
    conversation = a_paused_conversation(ENDS, waits("plate"), waits("photo"), ENDS)
    conversation.process(sent_photo(id="wamid.2"))
    conversation.process(wrote("B-AB 12", id="wamid.3"))
    conversation.process(wrote("that is all", id="wamid.4"))

    assert resumes(conversation, apply_messages=True) == "ended"

    taken = [(run["at"], run["event"]["id"]) for run in conversation.runs if run["phase"] == "resume"]
    assert taken == [("storing", "wamid.2"), ("ask", "wamid.2"), ("plate", "wamid.3"), ("photo", "wamid.4")]
    assert newest(conversation).paused is None


def test_messages_of_a_pause_that_do_not_fit_the_resume_s_budget_are_done_by_a_continue_event() -> None:
    conversation = a_paused_conversation(waits("plate"), waits("photo"))
    conversation.process(wrote("one", id="wamid.2"))
    conversation.process(wrote("two", id="wamid.3"))
    conversation.seconds_per_run = 61

    assert resumes(conversation, apply_messages=True) == "waiting"
    assert [each["id"] for each in newest(conversation).pending] == ["wamid.3"]
    assert conversation.process(conversation.queued[-1]) == "waiting"
    assert conversation.runs[-1]["event"]["id"] == "wamid.3"


def test_what_a_pause_keeps_has_an_end_and_the_transcript_tells() -> None:
    conversation = a_paused_conversation()
    for number in range(MAX_KEPT + 1):
        conversation.process(wrote("x", id=f"wamid.{number}x"))

    assert newest(conversation).paused is not None
    assert len(newest(conversation).paused.kept) == MAX_KEPT  # type: ignore[union-attr]
    assert conversation.sessions.records[f"wamid.{MAX_KEPT}x"]["refused"] == TOO_MANY_KEPT
    assert "refused" not in conversation.sessions.records["wamid.0x"]


def test_long_messages_are_kept_up_to_what_a_session_may_hold_and_a_file_beyond_is_still_stored() -> None:
    conversation = a_paused_conversation(ENDS)
    for number in range(20):
        conversation.process(wrote("\U0001f600" * 4096, id=f"wamid.{number}x"))
    assert 0 < len(newest(conversation).paused.kept) < 10  # type: ignore[union-attr]

    conversation.process(sent_photo(id="wamid.photo"))
    assert stored(conversation) == ["wamid.photo"]


@pytest.mark.parametrize("text", ["", "\U0001f44d"])
def test_every_further_echo_lengthens_the_pause(text: str) -> None:
    conversation = a_paused_conversation()
    conversation.now += 3600
    later = int(conversation.now)

    assert conversation.process(echoed(text, id="wamid.echo2", at=later)) == "paused"
    assert conversation.scheduled[-1][0] == later + QUIET_SECONDS
    assert conversation.process(conversation.scheduled[-2][1]) == "stale"


def test_the_customer_s_messages_do_not_lengthen_a_pause() -> None:
    conversation = a_paused_conversation()
    before = newest(conversation).paused
    conversation.now += 3600
    conversation.process(wrote("still there?", id="wamid.2"))
    assert before is not None
    assert newest(conversation).paused.until == before.until  # type: ignore[union-attr]


def test_a_pause_ends_with_its_session_and_without_a_word_when_the_person_was_silent_for_long() -> None:
    conversation = a_paused_conversation(waits("first"))
    conversation.process(wrote("still there?", id="wamid.2"))

    assert conversation.wait_for_timer() == "ended"
    assert (conversation.texts, len(conversation.runs), newest(conversation).paused) == ([], 1, None)

    assert conversation.process(wrote("hello again", id="wamid.3")) == "waiting"  # a flow starts anew
    assert newest(conversation).session != conversation.sessions.records["wamid.1"]["session"]


def test_the_routes_say_how_long_a_pause_lasts() -> None:
    conversation = a_paused_conversation(routes={"routes": [{"flow": "claims"}], "pause_for": 1800})
    assert newest(conversation).deadline == NOW + 100 + 1800


def test_where_no_session_runs_an_echo_keeps_the_default_flow_away() -> None:
    conversation = FakeConversation([waits()])

    assert conversation.process(echoed()) == "paused"
    assert conversation.process(wrote("thank you", id="wamid.2")) == "paused"
    session = newest(conversation)
    assert (session.flow, session.node, conversation.runs) == ("", "", [])
    assert session.session.startswith("s_")

    assert conversation.process(due(conversation)) == "ended"
    assert conversation.process(wrote("hello", id="wamid.3")) == "waiting"
    assert newest(conversation).session != session.session


def test_after_a_session_a_pause_is_a_session_of_its_own_without_the_old_variables() -> None:
    conversation = FakeConversation([waits(variables={"plate": "B"}), ENDS])
    conversation.process(wrote())
    conversation.process(wrote("answer", id="wamid.2"))
    old = newest(conversation)

    assert conversation.process(echoed()) == "paused"
    session = newest(conversation)
    assert (session.variables, session.flow, session.last_message_at) == ({}, "", old.last_message_at)
    of_the_flow = {
        "session",
        "turn",
        "state",
        "started_at",
        "flow",
        "version",
        "slice",
        "variables",
        "visits",
        "paused",
    }
    assert {name for name in vars(old) if getattr(session, name) != getattr(old, name)} <= of_the_flow
    assert session.session != old.session


@pytest.mark.parametrize("action", ["resume", "retry", "give_up", "stop"])
def test_every_action_of_an_operator_ends_a_pause_where_no_session_runs(action: Action) -> None:
    conversation = FakeConversation([waits()])
    conversation.sessions.routes["apology"] = "Something went wrong."
    conversation.process(echoed())
    conversation.process(wrote("thank you", id="wamid.2"))

    assert conversation.process(wished(action, newest(conversation))) == "ended"
    assert conversation.runs == []
    assert conversation.process(wrote("hello", id="wamid.3")) == "waiting"


def test_messages_of_a_pause_where_no_session_ran_start_a_flow_if_the_operator_says_so() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(echoed())
    conversation.process(wrote("damage", id="wamid.2"))

    assert resumes(conversation, apply_messages=True) == "waiting"
    assert (newest(conversation).flow, conversation.runs[-1]["event"]["id"]) == ("claims", "wamid.2")


def test_a_start_by_the_business_is_refused_during_a_pause_unless_it_replaces_the_session() -> None:
    conversation = a_paused_conversation(waits("first"))
    assert conversation.process(begun()) == "refused"
    assert newest(conversation).state == "paused"

    assert conversation.process(begun(unique="2", replace=True)) == "waiting"
    assert newest(conversation).paused is None


def test_stop_ends_a_paused_session_and_drops_what_was_kept_and_pending() -> None:
    conversation = a_paused_conversation()
    conversation.process(wrote("for you", id="wamid.2"))
    assert conversation.process(wished("stop", newest(conversation))) == "ended"
    session = newest(conversation)
    assert (session.paused, session.pending, session.waiting, len(conversation.runs)) == (None, (), None, 1)


def test_retry_ends_a_pause_and_asks_again() -> None:
    conversation = a_paused_conversation(waits("ask"))
    conversation.process(wrote("for you", id="wamid.2"))

    assert conversation.process(wished("retry", newest(conversation))) == "waiting"

    assert (conversation.runs[-1]["at"], conversation.runs[-1]["phase"]) == ("ask", "enter")
    assert newest(conversation).paused is None


def test_giving_up_ends_a_pause_and_leaves_the_node() -> None:
    node = {"type": "any", "waits": True, "exits": {"gave_up": "sorry"}}
    conversation = a_paused_conversation(ENDS, nodes={"ask": node})
    assert conversation.process(wished("give_up", newest(conversation))) == "ended"
    assert conversation.runs[-1]["at"] == "sorry"


def test_an_operator_pauses_a_session_that_runs() -> None:
    conversation = FakeConversation([waits(), ENDS])
    conversation.process(wrote())

    assert conversation.process(wished("pause", newest(conversation))) == "paused"
    assert newest(conversation).deadline == NOW + QUIET_SECONDS
    assert conversation.process(wrote("hello?", id="wamid.2")) == "paused"
    assert len(conversation.runs) == 1
    assert conversation.sessions.records["operator#1"]["event"]["by"] == "olga@example.com"
    assert resumes(conversation) == "waiting"


def test_a_verdict_that_comes_during_a_pause_waits_for_the_resume() -> None:
    conversation = FakeConversation([waits("photo", expects=("media",)), SCANNING, ENDS, waits("plate")])
    conversation.process(wrote())
    conversation.process(sent_photo(id="wamid.a"))
    conversation.process(wrote("and my plate is B-AB 12", id="wamid.b"))  # held for the node behind the scan
    conversation.process(echoed())
    conversation.process(sent_photo(id="wamid.c"))
    verdict = scan_event("c_ann", newest(conversation).session, KEY, "clean")

    assert conversation.process(verdict) == "paused"
    assert stored(conversation) == ["wamid.c"]
    conversation.answers.append(ENDS)
    assert resumes(conversation) == "ended"

    resumed = [run["event"]["id"] for run in conversation.runs if run["phase"] == "resume"]
    assert resumed == ["wamid.a", "wamid.c", verdict["id"], "wamid.b"]


def test_a_scan_that_is_silent_through_the_pause_gets_the_rest_of_its_time() -> None:
    conversation = FakeConversation([waits("photo", expects=("media",)), SCANNING, ENDS])
    conversation.process(wrote())
    conversation.process(sent_photo(id="wamid.a"))
    conversation.now += 20
    conversation.process(echoed(at=int(conversation.now)))
    conversation.now += 1000

    assert resumes(conversation) == "waiting"
    assert conversation.scheduled[-1][0] == NOW + 1020 + 100
    assert conversation.process(due(conversation)) == "ended"


def test_the_verdict_on_a_file_that_was_stored_during_a_pause_is_part_of_the_transcript() -> None:
    conversation = a_paused_conversation(ENDS)
    conversation.process(sent_photo(id="wamid.2"))
    verdict = scan_event("c_ann", newest(conversation).session, "media/c_ann/s/2-storing-b2", "unsafe")

    assert conversation.process(verdict) == "noted"
    assert conversation.sessions.records[verdict["id"]]["event"]["verdict"] == "unsafe"


def test_a_turn_that_is_not_finished_stops_between_two_visits_and_goes_on_with_the_resume() -> None:
    conversation = FakeConversation([DEFERRED, waits("ask"), ENDS], seconds_per_run=61)
    conversation.process(wrote())
    conversation.process(wrote("quick", id="wamid.2"))  # the third node, and the message is pending
    conversation.seconds_per_run = 1
    assert newest(conversation).pending
    queued = len(conversation.queued)

    assert conversation.process(echoed()) == "paused"
    assert conversation.process(conversation.queued[-1]) == "stale"
    assert (len(conversation.runs), len(conversation.queued)) == (2, queued)

    assert resumes(conversation) == "ended"
    assert conversation.runs[-1]["event"]["id"] == "wamid.2"


def test_a_session_whose_next_node_was_still_to_be_entered_enters_it_with_the_resume() -> None:
    conversation = FakeConversation([DEFERRED, waits("ask")], seconds_per_run=61)
    conversation.process(wrote())
    conversation.seconds_per_run = 1
    conversation.process(echoed())

    assert resumes(conversation) == "waiting"
    assert conversation.runs[-1]["at"] == "third"


@pytest.mark.parametrize("other", ["reaction", "revoke", "edit"])
def test_what_a_person_does_to_an_earlier_message_pauses_nothing_and_is_noted(other: str) -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    assert conversation.process(echoed("", kind="other", other=other)) == "noted"
    assert newest(conversation).state == "waiting"
    assert "wamid.echo" in conversation.sessions.records


def test_an_echo_that_comes_after_the_resume_but_was_written_before_pauses_nothing() -> None:
    conversation = a_paused_conversation()
    written = int(conversation.now) + 5
    conversation.now += 10
    resumes(conversation)

    assert conversation.process(echoed("The bot goes on.", id="wamid.late", at=written)) == "noted"
    assert newest(conversation).state == "waiting"
    assert conversation.process(echoed("One more thing.", id="wamid.new", at=int(conversation.now) + 1)) == "paused"


def test_an_echo_that_is_older_than_a_pause_lasts_pauses_nothing() -> None:
    conversation = FakeConversation([])
    assert conversation.process(echoed(at=NOW - QUIET_SECONDS)) == "noted"
    assert conversation.sessions.session is None


def test_an_echo_from_the_future_pauses_no_longer_than_one_of_now() -> None:
    conversation = FakeConversation([])
    conversation.process(echoed(at=NOW + 10**6))
    assert conversation.scheduled[-1][0] == NOW + QUIET_SECONDS


def test_an_echo_that_comes_twice_counts_once() -> None:
    conversation = a_paused_conversation()
    resumes(conversation)
    assert conversation.process(echoed(at=NOW + 100)) == "repeated"
    assert newest(conversation).state == "waiting"


def test_an_echo_from_before_the_contact_s_erasure_leaves_no_trace() -> None:
    conversation = FakeConversation([])
    conversation.sessions.erased_at = NOW
    assert conversation.process(echoed()) == "forgotten"
    assert conversation.sessions.records == {}
    assert conversation.process(echoed(id="wamid.2", at=NOW + 1)) == "paused"


def test_turn_records_name_every_schedule_so_that_an_erasure_finds_them() -> None:
    conversation = a_paused_conversation()
    at, relied_on = conversation.scheduled[-1]
    conversation.now = at
    assert conversation.process(relied_on) == "stale"  # it is set again, for the end of the pause
    assert [at for at, _ in conversation.scheduled] == [NOW + 600, NOW + 100 + QUIET_SECONDS]
    named = {(each["turn"], each.get("deadline")) for each in conversation.sessions.records.values()}
    assert {(event["turn"], event["deadline"]) for _, event in conversation.scheduled} <= named


DURING = st.one_of(
    st.builds(lambda number: ("text", number), st.integers(0, 9)),
    st.builds(lambda number: ("photo", number), st.integers(0, 9)),
    st.builds(lambda number: ("thumb", number), st.integers(0, 9)),
    st.builds(lambda number: ("echo", number), st.integers(0, 9)),
    st.sampled_from([("verdict", 0), ("other verdict", 0), ("old deadline", 0), ("old continue", 0), ("start", 0)]),
)
BEFORE = st.sampled_from(["nothing", "waiting", "scanning", "continuing", "pending", "ended"])


def a_conversation_before(state: str) -> FakeConversation:
    """A conversation in each state in which a pause can find it."""
    answers: dict[str, list[dict[str, Any] | Exception]] = {
        "nothing": [],
        "waiting": [waits()],
        "scanning": [waits("photo", expects=("media",)), SCANNING],
        "continuing": [DEFERRED],
        "pending": [DEFERRED, waits("ask")],
        "ended": [ENDS],
    }
    conversation = FakeConversation(answers[state], seconds_per_run=61 if state in ("continuing", "pending") else 0)
    if state != "nothing":
        conversation.process(wrote("first", id="wamid.first"))
    if state == "scanning":
        conversation.process(sent_photo(id="wamid.second"))
    if state == "pending":
        conversation.process(wrote("second", id="wamid.second"))
    conversation.seconds_per_run = 0
    return conversation


@settings(max_examples=200, deadline=None)
@given(before=BEFORE, during=st.lists(DURING, max_size=12), apply_messages=st.booleans())
def test_whatever_comes_during_a_pause_nothing_is_sent_and_nothing_is_lost(
    before: str, during: list[tuple[str, int]], apply_messages: bool
) -> None:
    conversation = a_conversation_before(before)
    seen = newest(conversation) if before != "nothing" else None
    assert conversation.process(echoed()) == "paused"
    runs, queued = len(conversation.runs), len(conversation.queued)
    session = newest(conversation).session
    messages: list[str] = []
    for kind, number in during:
        id = f"wamid.{kind}.{number}"
        events: dict[str, Event] = {
            "text": wrote(f"text {number}", id=id),
            "photo": sent_photo(id=id),
            "thumb": sent_other("reaction", id=id),
            "echo": echoed(id=id, at=NOW + number),
            "verdict": scan_event("c_ann", session, KEY, "clean"),
            "other verdict": scan_event("c_ann", session, "media/c_ann/s/9-x", "clean"),
            "old deadline": deadline_event("c_ann", session, seen.turn if seen else 0, NOW + 600),
            "old continue": continue_event("c_ann", session, seen.turn if seen else 0),
            "start": begun(unique="during"),
        }
        conversation.answers = [ENDS]  # of a file that is stored
        conversation.process(events[kind])
        messages += [id] if kind in ("text", "photo", "thumb") and id not in messages else []

    assert newest(conversation).state == "paused"
    assert all("storing" in run["nodes"] for run in conversation.runs[runs:])
    assert len(conversation.queued) == queued
    assert [id for id in messages if ".photo." in id] == stored(conversation)
    assert set(messages) <= conversation.sessions.records.keys()

    conversation.answers = [waits("next") for _ in range(40)]
    runs = len(conversation.runs)
    resumes(conversation, apply_messages=apply_messages)
    after = newest(conversation)
    assert (after.paused, after.pending) == (None, ())
    taken = [run["event"]["id"] for run in conversation.runs[runs:] if "saying" not in run["nodes"]]
    heard = [*taken, *(each["id"] for each in after.held)]
    expected = [id for id in messages if ".thumb." not in id]
    assert [id for id in heard if id in messages] == (expected if apply_messages else [])
    if before == "scanning" and any(kind == "verdict" for kind, _ in during):
        assert taken[0].startswith("scan#")
    if before in ("continuing", "pending"):
        assert conversation.runs[runs]["at"] in ("third", "ask")
    assert (after.state == "ended") == (before in ("nothing", "ended") and not (apply_messages and expected))
