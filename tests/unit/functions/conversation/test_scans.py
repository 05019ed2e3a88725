"""A file that a malware scanner looks at: what the session does until the verdict comes, and with it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.early_files import FILE_UNUSED
from chatflow.conversation.events import Event, Verdict, scan_event, timeout_event
from chatflow.conversation.held_messages import MAX_HELD_MESSAGES, TOO_MANY_HELD
from chatflow.conversation.session import Session
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, NOW, FakeConversation, sent_photo, waits, wished, wrote

KEY = "media/c_ann/s/3-first-a1"
LEAVE: dict[str, Any] = {
    "routes": [{"flow": "claims"}],
    "leave": [{"words": ["stop"], "then": "end", "say": "Bye."}],
}


def scanning(at: str = "photo_1", *, key: str = KEY) -> dict[str, Any]:
    """What the machine answers when a node waits for a scanner."""
    wait = {"expects": ["scan"], "seconds": 120, "memo": {"attempt": 1, "key": key}}
    return {"status": "waiting", "at": at, "wait": wait}


def asks(at: str = "photo_2") -> dict[str, Any]:
    return waits(at, expects=("media",))


def a_conversation(*answers: dict[str, Any] | Exception, **more: Any) -> FakeConversation:
    """A photo came, and the session waits for its scan."""
    conversation = FakeConversation([asks("photo_1"), scanning(), *answers], **more)
    conversation.process(wrote())
    assert conversation.process(sent_photo(id="wamid.a")) == "waiting"
    return conversation


def newest(conversation: FakeConversation) -> Session:
    assert conversation.sessions.session is not None
    return conversation.sessions.session


def verdict(conversation: FakeConversation, verdict: Verdict = "clean", *, key: str = KEY) -> Event:
    return scan_event("c_ann", newest(conversation).session, key, verdict)


def resumed(conversation: FakeConversation) -> list[str]:
    """The ids of the events by which nodes were resumed."""
    return [run["event"]["id"] for run in conversation.runs if run["phase"] == "resume"]


def test_the_verdict_resumes_the_node_with_what_it_remembered() -> None:
    conversation = a_conversation(ENDS)
    event = verdict(conversation)

    assert conversation.process(event) == "ended"

    run = conversation.runs[-1]
    assert (run["at"], run["phase"], run["event"]) == ("photo_1", "resume", event)
    assert run["memo"] == {"attempt": 1, "key": KEY}


def test_an_album_s_later_photos_are_held_and_arrive_in_their_order() -> None:
    conversation = a_conversation(
        asks(), scanning("photo_2", key="k2"), asks("photo_3"), scanning("photo_3", key="k3"), ENDS
    )
    for id in ("wamid.b", "wamid.c"):
        assert conversation.process(sent_photo(id=id)) == "waiting"
    assert len(conversation.runs) == 2

    first = verdict(conversation)
    assert conversation.process(first) == "waiting"  # the second photo is with its node, and the third is held again
    assert [each["id"] for each in newest(conversation).held] == ["wamid.c"]
    second = verdict(conversation, key="k2")
    assert conversation.process(second) == "waiting"
    assert conversation.process(verdict(conversation, key="k3")) == "ended"

    assert resumed(conversation) == [
        "wamid.a",
        first["id"],
        "wamid.b",
        second["id"],
        "wamid.c",
        f"scan#{first['session']}#k3",
    ]
    assert conversation.queued == []


def test_what_the_customer_writes_meanwhile_is_an_answer_to_what_comes_next() -> None:
    conversation = a_conversation(waits("plate"), ENDS)
    conversation.process(wrote("B-AB 12", id="wamid.b"))

    assert conversation.process(verdict(conversation)) == "ended"

    assert conversation.runs[-1]["at"] == "plate"
    assert conversation.runs[-1]["event"]["message"]["text"] == "B-AB 12"


def test_what_was_held_for_a_flow_that_then_ended_is_a_message_like_any_other() -> None:
    conversation = a_conversation(ENDS, waits("first_again"))
    conversation.process(wrote("one more thing", id="wamid.b"))

    assert conversation.process(verdict(conversation)) == "waiting"
    assert newest(conversation).node == "first_again"


def test_a_word_that_leaves_any_flow_leaves_at_once_and_what_was_held_was_said_to_that_flow() -> None:
    conversation = a_conversation({"status": "ended"}, {"status": "ended"}, routes=LEAVE)
    event = verdict(conversation)
    conversation.process(sent_photo(id="wamid.b"))

    assert conversation.process(wrote("stop", id="wamid.c")) == "ended"

    assert conversation.texts == ["Bye.", FILE_UNUSED]
    assert newest(conversation).held == ()
    assert conversation.process(event) == "stale"


def test_messages_that_are_held_do_not_move_the_scanner_s_deadline() -> None:
    conversation = a_conversation()
    before = newest(conversation).waiting
    conversation.process(wrote("still there?", id="wamid.b"))
    after = newest(conversation).waiting
    assert before is not None
    assert before == after
    assert [deadline for deadline, _ in conversation.scheduled[1:]] == [NOW + 120]  # one timer serves both turns


def test_a_silent_scanner_s_deadline_resumes_the_node_and_what_was_held_follows() -> None:
    conversation = a_conversation(asks(), ENDS)
    conversation.process(sent_photo(id="wamid.b"))
    conversation.now += 121

    silence = timeout_event("c_ann", newest(conversation).session, newest(conversation).turn, NOW + 120)
    assert conversation.process(silence) == "ended"

    assert resumed(conversation) == ["wamid.a", silence["id"], "wamid.b"]


@pytest.mark.parametrize("about", ["another key", "another session", "nobody", "one who waits for the customer"])
def test_a_verdict_that_nobody_waits_for_is_ignored(about: str) -> None:
    conversation = a_conversation(asks()) if about != "nobody" else FakeConversation()
    event = scan_event(
        "c_ann", conversation.sessions.session.session if conversation.sessions.session else "s", KEY, "clean"
    )
    if about == "another key":
        event = {**event, "key": "media/c_ann/s/1-old"}
    if about == "another session":
        event = {**event, "session": "s_before"}
    if about == "one who waits for the customer":
        conversation.process(verdict(conversation))
        event = {**event, "id": "scan#again"}
    runs = len(conversation.runs)

    assert conversation.process(event) == "stale"
    assert len(conversation.runs) == runs


def test_a_verdict_that_comes_twice_counts_once() -> None:
    conversation = a_conversation(scanning(key="k2"))
    event = verdict(conversation)
    conversation.process(event)
    assert conversation.process(event) == "repeated"


def test_a_verdict_whose_turn_failed_comes_again_and_nothing_held_is_lost() -> None:
    conversation = a_conversation(TurnFailed("the machine timed out"), asks(), ENDS)
    conversation.process(sent_photo(id="wamid.b"))
    event = verdict(conversation)
    with pytest.raises(TurnFailed):
        conversation.process(event)

    assert conversation.process(event) == "ended"
    assert resumed(conversation)[-1] == "wamid.b"


def test_what_is_held_has_an_end_and_the_transcript_tells() -> None:
    conversation = a_conversation()
    for number in range(MAX_HELD_MESSAGES + 1):
        conversation.process(wrote("x", id=f"wamid.{number}x"))

    assert len(newest(conversation).held) == MAX_HELD_MESSAGES
    assert conversation.sessions.records[f"wamid.{MAX_HELD_MESSAGES}x"]["refused"] == TOO_MANY_HELD
    assert "refused" not in conversation.sessions.records["wamid.0x"]


def test_long_messages_are_held_up_to_what_a_session_may_hold() -> None:
    conversation = a_conversation()
    for number in range(20):
        conversation.process(wrote("\U0001f600" * 4096, id=f"wamid.{number}x"))
    assert 0 < len(newest(conversation).held) < 10


def test_held_messages_that_do_not_fit_the_verdict_s_budget_are_done_by_a_continue_event() -> None:
    conversation = a_conversation(asks(), scanning("photo_2", key="k2"), seconds_per_run=61)
    conversation.process(sent_photo(id="wamid.b"))

    assert conversation.process(verdict(conversation)) == "waiting"
    assert [each["id"] for each in newest(conversation).pending] == ["wamid.b"]
    assert conversation.process(conversation.queued[-1]) == "waiting"
    assert newest(conversation).waiting is not None
    assert newest(conversation).waiting.wait_state["key"] == "k2"  # type: ignore[union-attr]


def test_an_operator_who_gives_up_on_the_scan_lets_go_what_was_held() -> None:
    node = {"type": "media", "waits": True, "exits": {"gave_up": "photo_2"}}
    conversation = a_conversation(asks(), ENDS, nodes={"photo_1": node})
    conversation.process(sent_photo(id="wamid.b"))

    assert conversation.process(wished("give_up", newest(conversation))) == "ended"
    assert resumed(conversation)[-1] == "wamid.b"


def test_an_operator_who_stops_the_session_drops_what_was_held_and_the_customer_hears_of_a_file() -> None:
    conversation = a_conversation(ENDS)
    conversation.process(sent_photo(id="wamid.b"))
    assert conversation.process(wished("stop", newest(conversation))) == "ended"
    assert newest(conversation).held == ()
    assert conversation.texts == [FILE_UNUSED]
