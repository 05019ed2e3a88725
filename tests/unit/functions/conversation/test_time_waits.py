"""A session that waits for a time alone: what ends the wait, what does not, and what becomes of messages meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.conversation.early_files import FILE_KEPT_UNASKED, FILE_UNUSED, MAX_EARLY_FILES
from chatflow.conversation.events import WAS_KEPT, Event, message_event, timeout_event, undelivered_event
from chatflow.conversation.held_messages import TOO_MANY_HELD
from chatflow.conversation.identity import expiring, merged
from chatflow.conversation.retention import MIN_RETENTION_DAYS
from chatflow.conversation.routing import RESEND
from chatflow.conversation.session import ANY_MESSAGE, ANY_WITHOUT_FILE, Session, Waiting
from chatflow.conversation.turn_limits import MAX_TIME_WAITS, TOO_MANY_TIME_WAITS
from chatflow.messages import Delivery, IncomingMessage
from tests.fakes.turns import ENDS, NOW, FakeConversation, begun, sent_other, sent_photo, waits, wished, wrote

DAY = 86_400
ALARM = NOW + 2 * DAY
EXPECTED = ((), (ANY_MESSAGE,), (ANY_WITHOUT_FILE,))


def rests(*, expects: tuple[str, ...] = (), until: int = ALARM, **more: Any) -> dict[str, Any]:
    """A node waits for a time alone."""
    wait = {"expects": list(expects), "seconds": 0, "memo": {"until": until}, "until": until}
    return {"status": "waiting", "at": "rest", "wait": wait, **more}


def resting(*answers: dict[str, Any], expects: tuple[str, ...] = (), files_ahead: bool = False) -> FakeConversation:
    """A conversation whose session waits for a time; `answers` are the results of the runs after that."""
    node = {"type": "any", "waits": True, "exits": {}, **({"files_ahead": True} if files_ahead else {})}
    conversation = FakeConversation([rests(expects=expects), *answers], nodes={"rest": node})
    conversation.process(wrote("hello", id="wamid.0"))
    return conversation


def alarm(conversation: FakeConversation) -> Event:
    """The timer of the wait. The clock has moved on to its time."""
    at, event = conversation.scheduled[-1]
    conversation.now = max(conversation.now, float(at))
    return event


def session_of(conversation: FakeConversation) -> Session:
    assert conversation.sessions.session is not None
    return conversation.sessions.session


def the_wait(conversation: FakeConversation) -> Waiting:
    waiting = session_of(conversation).waiting
    assert waiting is not None
    return waiting


@pytest.mark.parametrize("expects", EXPECTED)
def test_the_wait_ends_at_its_time_however_long_the_visit_took_that_began_it(expects: tuple[str, ...]) -> None:
    conversation = FakeConversation([rests(expects=expects)], seconds_per_run=17)
    conversation.process(wrote("hello"))
    assert conversation.scheduled == [(ALARM, timeout_event("c_ann", session_of(conversation).session, 1, ALARM))]


@pytest.mark.parametrize("expects", EXPECTED)
def test_at_its_time_the_node_goes_on_and_the_session_has_not_timed_out(expects: tuple[str, ...]) -> None:
    conversation = resting(ENDS, expects=expects)
    assert conversation.process(alarm(conversation)) == "ended"
    assert (conversation.runs[-1]["at"], conversation.runs[-1]["phase"]) == ("rest", "resume")
    assert conversation.runs[-1]["event"]["kind"] == "timeout"
    assert conversation.runs[-1]["memo"] == {"until": ALARM}


@given(gaps=st.lists(st.integers(1, 6 * 3600), max_size=8))
def test_no_message_moves_the_time(gaps: list[int]) -> None:
    conversation = resting(ENDS)
    for number, gap in enumerate(gaps):
        conversation.now += gap
        if conversation.now < ALARM:
            assert conversation.process(wrote(f"message {number}", id=f"wamid.{number + 1}")) == "waiting"
            assert the_wait(conversation).deadline == ALARM
            assert conversation.scheduled[-1][0] == ALARM
    assert conversation.process(alarm(conversation)) == "ended"


def test_a_timer_of_before_a_message_is_ignored_because_the_message_set_a_new_one() -> None:
    conversation = resting()
    earlier = conversation.scheduled[-1][1]
    conversation.process(wrote("still there?"))
    assert conversation.process(earlier) == "stale"


def test_a_message_that_the_node_wants_resumes_it() -> None:
    for expects in ((ANY_MESSAGE,), (ANY_WITHOUT_FILE,)):
        conversation = resting(rests(expects=expects), expects=expects)
        assert conversation.process(wrote("still there?")) == "waiting"
        assert conversation.runs[-1]["event"]["message"]["text"] == "still there?"
        assert the_wait(conversation).deadline == ALARM


def test_another_message_is_kept_and_given_to_the_next_node_that_asks() -> None:
    conversation = resting(waits("ask"), ENDS)
    conversation.process(wrote("my plate is B AB 1"))
    assert len(conversation.runs) == 1, "no run of the machine"
    assert conversation.process(alarm(conversation)) == "ended"
    assert conversation.runs[-1]["at"] == "ask"
    assert conversation.runs[-1]["event"]["message"]["text"] == "my plate is B AB 1"
    assert conversation.runs[-1]["event"][WAS_KEPT]


def test_kept_messages_come_in_their_order_one_for_each_question() -> None:
    conversation = resting(waits("name"), waits("plate"), ENDS)
    for number, text in enumerate(("Ann", "B AB 1")):
        conversation.process(wrote(text, id=f"wamid.{number + 1}"))
    conversation.process(alarm(conversation))
    asked = [(run["at"], run["event"]["message"]["text"]) for run in conversation.runs[2:]]
    assert asked == [("name", "Ann"), ("plate", "B AB 1")]


def test_a_question_for_a_file_takes_no_kept_text_and_one_for_a_text_no_kept_file() -> None:
    said = ENDS
    conversation = resting(said, waits("photo", expects=("media",)), waits("name"), ENDS, files_ahead=True)
    conversation.process(wrote("Ann", id="wamid.1"))
    conversation.process(sent_photo(id="wamid.2"))
    conversation.process(alarm(conversation))
    asked = [(run["at"], run["event"]["message"]["kind"]) for run in conversation.runs if "message" in run["event"]]
    assert asked[-2:] == [("photo", "media"), ("name", "text")]


def test_a_kept_text_that_nobody_asks_for_ends_with_the_session_and_starts_no_flow() -> None:
    conversation = resting(ENDS)
    conversation.process(wrote("thanks"))
    assert conversation.process(alarm(conversation)) == "ended"
    assert not session_of(conversation).early
    assert len(conversation.runs) == 2
    assert conversation.texts == []


def test_a_kept_tap_on_an_option_of_an_older_question_is_no_answer_and_asks_nothing_again() -> None:
    left, asked = (
        {"node": "rest", "visit": 2, "effects": []},
        {"node": "menu", "visit": 3, "effects": [{"messages": ["new"]}]},
    )
    conversation = resting(waits("menu", expects=("choice",), trail=[left, asked]))
    tap = IncomingMessage("wamid.t", "whatsapp", "106", "1650", kind="choice", at=NOW, choice="yes", reply_to="old")
    conversation.process(message_event(tap, "c_ann"))
    assert conversation.process(alarm(conversation)) == "waiting"
    assert len(conversation.runs) == 2


def test_a_kept_text_is_no_answer_to_a_question_that_its_customer_has_not_seen_yet() -> None:
    owes = {"id": "k", "effect": "ask", "content": {"text": "Your name?"}, "reason": "channel_unavailable",
            "doubts": 0, "sent": [], "after": 0}  # fmt: skip
    visit = {"node": "ask", "visit": 2, "flow": "claims", "effects": [{"effect": "ask", "owed": "x"}], "owed": [owes]}
    node = {"type": "any", "seconds": 20, "waits": True, "exits": {}}
    conversation = FakeConversation([rests(until=NOW + 3600), waits("ask", trail=[visit])], nodes={"ask": node})
    conversation.process(wrote("hello", id="wamid.0"))
    conversation.process(wrote("Ann"))
    assert conversation.process(alarm(conversation)) == "waiting"
    assert len(session_of(conversation).early) == 1
    assert len(conversation.runs) == 2


def test_words_that_leave_a_flow_end_the_wait() -> None:
    conversation = resting(ENDS)
    conversation.sessions.routes = {"leave": [{"words": ["stop"], "say": "Goodbye", "then": "end"}]}
    assert conversation.process(wrote("stop")) == "ended"
    assert conversation.texts == ["Goodbye"]


@pytest.mark.parametrize("expects", EXPECTED)
def test_a_keyword_of_the_routes_starts_no_flow_while_a_session_waits(expects: tuple[str, ...]) -> None:
    conversation = resting(rests(expects=expects), expects=expects)
    session = session_of(conversation).session
    conversation.sessions.routes = {"routes": [{"keywords": ["claims"], "flow": "claims"}]}
    conversation.process(wrote("claims"))
    assert session_of(conversation).session == session


def test_a_start_is_refused_unless_it_may_replace_the_session() -> None:
    conversation = resting(ENDS, waits("ask"))
    assert conversation.process(begun(unique="1")) == "refused"
    session = session_of(conversation).session
    conversation.answers.pop(0)
    assert conversation.process(begun(unique="2", replace=True)) == "waiting"
    assert session_of(conversation).session != session


def test_a_file_that_may_be_used_later_is_kept_and_its_customer_told_once() -> None:
    conversation = resting(ENDS, ENDS, waits("photo", expects=("media",)), ENDS, files_ahead=True)
    conversation.process(wrote("some text first", id="wamid.1"))
    conversation.process(sent_photo(id="wamid.2"))
    conversation.process(sent_photo(id="wamid.3"))
    assert conversation.texts == [FILE_KEPT_UNASKED]
    assert "question" not in FILE_KEPT_UNASKED, "nothing is asked"


def test_a_file_that_cannot_be_used_is_refused_at_once() -> None:
    conversation = resting(ENDS)
    assert conversation.process(sent_photo()) == "waiting"
    assert conversation.texts == [FILE_UNUSED]


def test_a_file_that_nobody_took_is_named_at_the_end() -> None:
    conversation = resting(ENDS, ENDS, ENDS, files_ahead=True)
    conversation.process(sent_photo())
    conversation.process(alarm(conversation))
    assert conversation.texts == [FILE_KEPT_UNASKED, FILE_UNUSED]


def test_a_file_does_not_resume_a_node_that_wants_messages_without_files() -> None:
    conversation = resting(ENDS, expects=(ANY_WITHOUT_FILE,), files_ahead=True)
    conversation.process(sent_photo())
    assert conversation.texts == [FILE_KEPT_UNASKED]


def test_a_file_ends_the_wait_of_a_node_that_wants_any_message_and_goes_to_the_next_that_asks_for_one() -> None:
    conversation = resting(waits("photo", expects=("media",)), ENDS, expects=(ANY_MESSAGE,), files_ahead=True)
    assert conversation.process(sent_photo()) == "ended"
    assert [run["at"] for run in conversation.runs[1:]] == ["rest", "photo"]
    assert conversation.runs[-1]["event"]["message"]["media"]
    assert conversation.texts == []


def test_a_file_that_ended_the_wait_and_was_not_used_is_named() -> None:
    conversation = resting({**ENDS, "trail": []}, ENDS, expects=(ANY_MESSAGE,))
    assert conversation.process(sent_photo()) == "ended"
    assert conversation.texts == [FILE_UNUSED]


@pytest.mark.parametrize(("files_ahead", "word"), [(True, FILE_KEPT_UNASKED), (False, FILE_UNUSED)])
def test_a_file_that_ended_the_wait_and_led_to_another_gets_a_word(files_ahead: bool, word: str) -> None:
    again = rests(expects=(), trail=[{"node": "rest", "visit": 2, "effects": []}])
    conversation = resting(again, ENDS, expects=(ANY_MESSAGE,), files_ahead=files_ahead)
    assert conversation.process(sent_photo()) == "waiting"
    assert conversation.texts == [word]


def test_a_file_that_opened_the_flow_does_not_end_the_wait() -> None:
    conversation = FakeConversation([rests(expects=(ANY_MESSAGE,)), ENDS])
    assert conversation.process(sent_photo()) == "waiting"
    assert conversation.texts == [FILE_UNUSED]


@pytest.mark.parametrize(("files_ahead", "word"), [(True, RESEND), (False, FILE_UNUSED)])
def test_a_file_that_the_channel_lost_is_asked_for_again_only_if_it_may_be_used(files_ahead: bool, word: str) -> None:
    conversation = resting(ENDS, files_ahead=files_ahead)
    conversation.process(sent_other("image"))
    assert conversation.texts == [word]


def test_more_messages_than_a_session_keeps_are_refused_and_the_wait_goes_on() -> None:
    conversation = resting()
    for number in range(MAX_EARLY_FILES + 1):
        conversation.process(wrote("again", id=f"wamid.{number + 1}"))
    refused = [record.get("refused") for record in conversation.sessions.records.values()]
    assert refused.count(TOO_MANY_HELD) == 1
    assert the_wait(conversation).deadline == ALARM


def test_an_undelivered_message_of_before_is_not_held_until_the_time() -> None:
    conversation = resting(ENDS)
    watched = {"node": "text", "to": "by_phone", "waits": False, "ids": ["wamid.out"]}
    conversation.sessions.session = replace(session_of(conversation), watched=(watched,))
    failed = Delivery("wamid.out", "whatsapp", "106", "1650", "failed", NOW, 131026, "", "unreachable")
    conversation.process(undelivered_event(failed, "c_ann"))
    assert conversation.runs[-1]["at"] == "by_phone"


def test_an_operator_who_pauses_does_not_move_the_time() -> None:
    conversation = resting(ENDS)
    conversation.process(wished("pause", session_of(conversation), unique="1"))
    conversation.now += DAY / 2
    conversation.process(wished("resume", session_of(conversation), unique="2"))
    assert the_wait(conversation).deadline == ALARM
    assert conversation.wait_for_timer() == "ended"
    assert conversation.now == ALARM


def test_an_operator_whose_pause_outlasts_the_time_resumes_a_minute_before_the_flow_goes_on() -> None:
    conversation = resting(ENDS)
    conversation.process(wished("pause", session_of(conversation), unique="1"))
    conversation.now = ALARM + 5 * 3600
    conversation.process(wished("resume", session_of(conversation), unique="2"))
    assert the_wait(conversation).deadline == conversation.now + 60


def test_an_operator_who_stops_ends_the_session() -> None:
    conversation = resting()
    assert conversation.process(wished("stop", session_of(conversation))) == "ended"


def test_an_operator_who_retries_has_the_node_begin_anew() -> None:
    conversation = resting(rests(until=ALARM + DAY))
    conversation.process(wished("retry", session_of(conversation)))
    assert (conversation.runs[-1]["phase"], conversation.runs[-1]["memo"]) == ("enter", {})
    assert the_wait(conversation).deadline == ALARM + DAY


@pytest.mark.parametrize("retention_days", [1, 8, 30, 3650])
def test_what_is_stored_outlasts_the_wait(retention_days: int) -> None:
    session = replace(session_of(resting()), retention_days=retention_days)
    assert session.waiting is not None
    for seconds in (60, 7 * DAY, 30 * DAY):
        waiting = replace(session.waiting, deadline=NOW + seconds)
        expires_after = replace(session, waiting=waiting).expires_after(NOW)
        assert expires_after >= max(seconds + 3600, retention_days * DAY, MIN_RETENTION_DAYS * DAY)


def test_what_is_stored_keeps_the_retention_of_a_session_that_waits_for_its_customer() -> None:
    conversation = FakeConversation([waits("ask")])
    conversation.process(wrote())
    assert session_of(conversation).expires_after(NOW) == 30 * DAY


def test_what_is_stored_and_the_aliases_of_the_person_outlast_it_too() -> None:
    waiting = Waiting((), {}, NOW + 30 * DAY, own_deadline=True)
    session = replace(session_of(resting()), retention_days=1, waiting=waiting, aliases={"c_other": NOW + 20 * DAY})
    assert expiring(session, wrote(), NOW) == ["c_other"]


def test_what_is_stored_is_read_back_as_a_wait_for_time() -> None:
    session = session_of(resting(expects=(ANY_WITHOUT_FILE,)))
    read = Session.from_json(session.to_json())
    assert read == session
    assert read.waiting is not None
    assert read.waiting.for_time


def test_a_session_that_moves_to_another_key_keeps_its_time() -> None:
    arriving = session_of(resting())
    moved = merged(None, arriving, "c_new", "c_ann")
    assert moved.waiting == arriving.waiting


def test_waits_for_time_in_a_loop_end_the_session_once_its_customer_was_silent_for_very_many() -> None:
    conversation = resting(rests(), ENDS)
    conversation.sessions.session = replace(session_of(conversation), time_waits=MAX_TIME_WAITS - 1)
    assert conversation.process(alarm(conversation)) == "waiting"
    assert session_of(conversation).time_waits == MAX_TIME_WAITS
    conversation.answers[:] = [rests(), ENDS]
    conversation.sessions.routes = {"apology": "Sorry"}
    assert conversation.process(alarm(conversation)) == "ended"
    assert conversation.texts == ["Sorry"]
    assert list(conversation.sessions.records.values())[-1]["refused"] == TOO_MANY_TIME_WAITS


def test_a_message_of_the_customer_begins_the_count_of_a_loop_anew() -> None:
    conversation = resting(rests())
    conversation.sessions.session = replace(session_of(conversation), time_waits=MAX_TIME_WAITS)
    conversation.process(wrote("still there"))
    assert session_of(conversation).time_waits == 0
