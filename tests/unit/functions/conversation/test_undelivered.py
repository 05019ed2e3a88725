"""A message that the channel accepted and could not deliver: the flow leaves by the exit `undelivered`."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.events import Event, undelivered_event
from chatflow.conversation.session import Session
from chatflow.conversation.undelivered import MOST_TAKEN, watch
from chatflow.messages import Delivery
from tests.fakes.turns import ENDS, NOW, FakeConversation, sent_photo, waits, wrote

ASKS: dict[str, Any] = {"type": "input", "waits": True, "exits": {"received": "thanks"}, "undelivered": "call_centre"}
SENDS: dict[str, Any] = {"type": "media", "waits": False, "exits": {"sent": "ask"}, "undelivered": "as_link"}
SILENT: dict[str, Any] = {"type": "input", "waits": True, "exits": {"received": "end"}}


def failed(message: str, *, at: int = NOW + 5, code: int = 131053, reason: str = "file") -> Event:
    return undelivered_event(Delivery(message, "whatsapp", "106", "1650", "failed", at, code, "", reason), "c_ann")


def visited(node: str, *messages: str) -> dict[str, Any]:
    return {"node": node, "effects": [{"effect": "ask", "messages": list(messages)}]}


def asked(*messages: str, at: str = "ask", **more: Any) -> dict[str, Any]:
    """A run that ends with a question."""
    return waits(at, trail=[visited(at, *messages)], **more)


def session_of(conversation: FakeConversation) -> Session:
    assert conversation.sessions.session is not None
    return conversation.sessions.session


def test_a_node_that_waits_for_the_answer_leaves_by_the_exit_with_the_reason() -> None:
    conversation = FakeConversation([asked("wamid.q"), ENDS], nodes={"ask": ASKS})
    conversation.process(wrote())
    assert conversation.process(failed("wamid.q")) == "ended"
    (_, run) = conversation.runs
    assert (run["at"], run["phase"]) == ("call_centre", "enter")
    assert run["variables"]["ask_failure"] == {"reason": "file", "code": 131053}
    assert "call_centre" in run["nodes"]  # the exit's target begins a slice of its own
    assert conversation.sessions.records["status#wamid.q"]["event"]["reason"] == "file"


@pytest.mark.parametrize("message", ["wamid.q1", "wamid.q2"])
def test_a_question_in_two_pieces_is_undelivered_when_either_is(message: str) -> None:
    conversation = FakeConversation([asked("wamid.q1", "wamid.q2"), ENDS], nodes={"ask": ASKS})
    conversation.process(wrote())
    assert conversation.process(failed(message)) == "ended"


def test_a_node_without_the_exit_goes_on_waiting_and_the_transcript_has_the_reason() -> None:
    conversation = FakeConversation([asked("wamid.q")], nodes={"ask": SILENT})
    conversation.process(wrote())
    before = session_of(conversation)
    assert conversation.process(failed("wamid.q")) == "noted"
    assert session_of(conversation) == before
    note = conversation.sessions.records["status#wamid.q"]["event"]
    assert (note["message_id"], note["reason"], note["code"]) == ("wamid.q", "file", 131053)


def test_a_message_of_somebody_else_changes_nothing() -> None:
    conversation = FakeConversation([asked("wamid.q")], nodes={"ask": ASKS})
    conversation.process(wrote())
    assert conversation.process(failed("wamid.other")) == "noted"


def test_a_message_that_nobody_sent_leaves_no_row() -> None:
    conversation = FakeConversation([])
    assert conversation.process(failed("wamid.never")) == "unknown"
    assert conversation.sessions.records == {}


def test_the_first_question_no_longer_counts_when_it_was_asked_again() -> None:
    conversation = FakeConversation([asked("wamid.q1"), asked("wamid.q2"), ENDS], nodes={"ask": ASKS})
    conversation.process(wrote())
    conversation.process(wrote("?", id="wamid.2"))
    assert conversation.process(failed("wamid.q1")) == "noted"
    assert conversation.process(failed("wamid.q2")) == "ended"


def test_a_customer_who_wrote_since_can_be_reached() -> None:
    conversation = FakeConversation([asked("wamid.q")], nodes={"ask": ASKS})
    conversation.process(wrote())
    assert conversation.process(failed("wamid.q", at=NOW - 1)) == "noted"


def test_a_question_that_was_answered_is_not_left_again() -> None:
    conversation = FakeConversation([asked("wamid.q"), asked("wamid.n", at="next")], nodes={"ask": ASKS})
    conversation.process(wrote())
    conversation.process(wrote("B AB 1234", id="wamid.2"))
    assert conversation.process(failed("wamid.q")) == "noted"


def sends_then_asks() -> dict[str, Any]:
    return waits("ask", trail=[visited("send", "wamid.file"), visited("ask", "wamid.q")])


def test_failed_after_accepted_is_reported_although_the_flow_went_on() -> None:
    conversation = FakeConversation([sends_then_asks(), ENDS], nodes={"send": SENDS, "ask": SILENT})
    conversation.process(wrote())
    conversation.now += 60
    assert conversation.process(failed("wamid.file", at=NOW + 60)) == "ended"
    assert conversation.runs[-1]["at"] == "as_link"
    assert conversation.runs[-1]["variables"]["send_failure"]["reason"] == "file"


def test_a_file_is_reported_also_to_a_customer_who_wrote_since() -> None:
    conversation = FakeConversation([sends_then_asks(), asked("wamid.q2"), ENDS], nodes={"send": SENDS, "ask": SILENT})
    conversation.process(wrote())
    conversation.process(wrote("yes", id="wamid.2"))
    assert conversation.process(failed("wamid.file", at=NOW - 1)) == "ended"
    assert conversation.runs[-1]["at"] == "as_link"


def test_a_flow_that_has_ended_only_notes_it() -> None:
    conversation = FakeConversation([{**ENDS, "trail": [visited("send", "wamid.file")]}], nodes={"send": SENDS})
    conversation.process(wrote())
    assert conversation.process(failed("wamid.file")) == "noted"


def test_the_exit_may_end_the_session_or_lead_to_another_flow() -> None:
    for target, ending in (("end", "ended"), ({"flow": "apology"}, "waiting")):
        conversation = FakeConversation(
            [asked("wamid.q"), waits()], nodes={"ask": {**ASKS, "undelivered": target}}, flows=["claims", "apology"]
        )
        conversation.process(wrote())
        assert conversation.process(failed("wamid.q")) == ending
    assert session_of(conversation).flow == "apology"
    assert session_of(conversation).watched == ()


def test_a_file_that_is_being_scanned_comes_first() -> None:
    scanning = waits("ask", expects=("scan",), trail=[visited("ask")])
    scanning["wait"]["memo"] = {"key": "media/x"}
    conversation = FakeConversation([sends_then_asks(), scanning], nodes={"send": SENDS, "ask": SILENT})
    conversation.process(wrote())
    conversation.process(sent_photo(id="wamid.2"))
    assert conversation.process(failed("wamid.file")) == "waiting"
    assert [each["kind"] for each in session_of(conversation).held] == ["status"]
    assert len(conversation.runs) == 2


def test_a_flow_that_asks_again_each_time_ends_its_loop() -> None:
    answers = [asked(f"wamid.q{number}") for number in range(MOST_TAKEN + 2)]
    conversation = FakeConversation([*answers], nodes={"ask": {**ASKS, "undelivered": "ask"}})
    conversation.process(wrote())
    endings = [conversation.process(failed(f"wamid.q{number}")) for number in range(MOST_TAKEN + 1)]
    assert endings == ["waiting"] * MOST_TAKEN + ["noted"]


def test_a_repeated_failure_is_taken_once() -> None:
    conversation = FakeConversation([asked("wamid.q"), asked("wamid.n", at="next")], nodes={"ask": ASKS})
    conversation.process(wrote())
    assert conversation.process(failed("wamid.q")) == "waiting"
    assert conversation.process(failed("wamid.q")) == "repeated"
    assert len(conversation.runs) == 2


def test_a_session_of_an_earlier_release_and_one_of_this_release_can_both_be_read() -> None:
    conversation = FakeConversation([sends_then_asks()], nodes={"send": SENDS, "ask": ASKS})
    conversation.process(wrote())
    stored = session_of(conversation).to_json()
    assert Session.from_json(stored).watched == session_of(conversation).watched
    earlier = {name: value for name, value in stored.items() if name not in ("watched", "undelivered")}
    assert Session.from_json(earlier).watched == ()


def test_what_a_session_remembers_has_a_limit() -> None:
    nodes = {f"send{number}": SENDS for number in range(40)}
    trail = [visited(name, *(f"wamid.{name}.{number}" for number in range(50))) for name in nodes]
    conversation = FakeConversation([waits("ask", trail=trail)], nodes={**nodes, "ask": SILENT})
    conversation.process(wrote())
    watched = session_of(conversation).watched
    assert len(watched) == 10
    assert all(len(each["ids"]) == 20 for each in watched)


def test_an_owed_message_is_watched_from_when_it_is_sent() -> None:
    """The run that sends it knows no nodes; its message belongs to the visit that owed it."""
    session = watch(Session("c_ann", "whatsapp", "106", "1650"), {"send": SENDS}, [visited("send")])
    sent = watch(session, {}, [visited("send", "wamid.later")])
    assert sent.watched == ({"node": "send", "to": "as_link", "waits": False, "ids": ["wamid.later"]},)
    assert watch(sent, {}, [visited("other", "wamid.x")]) == sent


def test_a_visit_that_sends_nothing_does_not_replace_the_question() -> None:
    conversation = FakeConversation([asked("wamid.q"), asked(), ENDS], nodes={"ask": ASKS})
    conversation.process(wrote())
    conversation.process(wrote("no answer", id="wamid.2"))
    assert conversation.process(failed("wamid.q", at=NOW + 60)) == "ended"
