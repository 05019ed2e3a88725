"""Taps on options of an older question are never the answer to the present one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatflow.conversation.events import Event, message_event
from chatflow.conversation.session import Session, Waiting
from chatflow.messages import IncomingMessage
from tests.fakes.turns import ENDS, NOW, FakeConversation, waits, wished, wrote


def asks(*ids: str, at: str = "ask", visits: int = 1, **effect: Any) -> dict[str, Any]:
    """A run that ends in a wait, after a visit whose messages got these ids."""
    before = [{"node": "before", "visit": number, "effects": []} for number in range(1, visits)]
    asked = {"node": at, "visit": visits, "effects": [{"effect": "ask", "messages": list(ids), **effect}]}
    return waits(at, trail=[*before, asked])


def tapped(reply_to: str, choice: str = "yes", *, id: str = "wamid.2", **more: Any) -> Event:
    message = IncomingMessage(
        id=id, channel="whatsapp", account="106", contact="16505551234", kind="choice", at=NOW, choice=choice
    )
    return message_event(replace(message, reply_to=reply_to, **more), "c_ann")


def waiting(conversation: FakeConversation) -> Waiting:
    session = conversation.sessions.session
    assert session is not None
    assert session.waiting is not None
    return session.waiting


def test_a_session_knows_the_ids_of_the_messages_that_ask_its_question() -> None:
    conversation = FakeConversation([asks("wamid.a", "wamid.b", visits=3)])
    conversation.process(wrote())
    assert waiting(conversation).message_ids == ("wamid.a", "wamid.b")


def test_a_tap_on_the_present_question_is_its_answer() -> None:
    conversation = FakeConversation([asks("wamid.a", "wamid.b"), ENDS])
    conversation.process(wrote())
    assert conversation.process(tapped("wamid.b")) == "ended"
    assert conversation.runs[1]["phase"] == "resume"


def test_old_option_asks_the_present_question_again_without_using_an_attempt() -> None:
    """shared/cases/whatsapp.json: old-option"""
    conversation = FakeConversation(
        [asks("wamid.a"), asks("wamid.b", at="next", visits=2), asks("wamid.c", at="next"), ENDS]
    )
    conversation.process(wrote())
    conversation.process(tapped("wamid.a"))
    assert waiting(conversation).message_ids == ("wamid.b",)

    assert conversation.process(tapped("wamid.a", id="wamid.3")) == "waiting"

    again = conversation.runs[2]
    assert (again["at"], again["phase"], again["memo"]) == ("next", "enter", {"attempt": 1})
    assert conversation.sessions.records["wamid.3"]["refused"] == "old_option"
    assert waiting(conversation).message_ids == ("wamid.b", "wamid.c")


@pytest.mark.parametrize("answered", ["wamid.b", "wamid.c"])
def test_each_copy_of_a_question_that_was_asked_again_may_be_answered(answered: str) -> None:
    conversation = FakeConversation([asks("wamid.b"), asks("wamid.c"), ENDS])
    conversation.process(wrote())
    conversation.process(wrote("what?", id="wamid.2"))
    assert conversation.process(tapped(answered, id="wamid.3")) == "ended"


def test_a_menu_that_comes_again_later_is_another_question() -> None:
    conversation = FakeConversation([asks("wamid.a"), asks("wamid.b", visits=2), asks("wamid.c"), ENDS])
    conversation.process(wrote())
    conversation.process(tapped("wamid.a"))
    assert waiting(conversation).message_ids == ("wamid.b",)
    conversation.process(tapped("wamid.a", id="wamid.3"))
    assert conversation.runs[2]["phase"] == "enter"


def test_a_question_that_an_operator_has_asked_again_keeps_its_earlier_copy() -> None:
    conversation = FakeConversation([asks("wamid.a"), asks("wamid.b"), ENDS])
    conversation.process(wrote())
    conversation.process(wished("retry", conversation.sessions.session))
    assert waiting(conversation).message_ids == ("wamid.a", "wamid.b")


def test_a_tap_that_names_no_message_is_an_answer() -> None:
    conversation = FakeConversation([asks("wamid.a"), ENDS])
    conversation.process(wrote())
    assert conversation.process(tapped("")) == "ended"


def test_a_typed_answer_may_quote_any_message() -> None:
    conversation = FakeConversation([asks("wamid.a"), ENDS])
    conversation.process(wrote())
    assert conversation.process(tapped("wamid.old", kind="text", text="yes", choice="")) == "ended"


@pytest.mark.parametrize(
    "asked",
    [waits(), asks(), asks(in_doubt=True), asks("wamid.a", in_doubt=True), asks("wamid.a", sent_again=True)],
    ids=["no-effects", "still-to-come", "in-doubt", "in-doubt-in-part", "sent-again"],
)
def test_while_ids_are_not_known_every_tap_is_an_answer(asked: dict[str, Any]) -> None:
    conversation = FakeConversation([asked, ENDS])
    conversation.process(wrote())
    assert waiting(conversation).message_ids == ()
    assert conversation.process(tapped("wamid.of-another")) == "ended"


def test_a_session_stored_by_an_earlier_version_takes_taps_as_before() -> None:
    stored = {
        "conversation": "c_ann",
        "channel": "whatsapp",
        "account": "106",
        "contact": "16505551234",
        "turn": 4,
        "session": "s_1",
        "state": "waiting",
        "flow": "claims",
        "version": 1,
        "at": "ask",
        "slice": "ask",
        "waiting": {"expects": ["choice", "text"], "memo": {"attempt": 1}, "deadline": NOW + 600, "own": False},
    }
    conversation = FakeConversation([asks("wamid.b"), ENDS])
    conversation.sessions.session = Session.from_json(stored)
    assert waiting(conversation).message_ids == ()

    conversation.process(tapped("wamid.of-another"))

    assert conversation.runs[0]["phase"] == "resume"
    # Asked once more, the ids of its first copy are still not known.
    assert waiting(conversation).message_ids == ()
    assert conversation.process(tapped("wamid.of-another", id="wamid.3")) == "ended"


def test_the_button_of_a_template_with_the_title_stop_still_leaves_the_flow() -> None:
    routes = {"routes": [{"flow": "claims"}], "leave": [{"words": ["stop"], "then": "end"}]}
    conversation = FakeConversation([asks("wamid.a")], routes)
    conversation.process(wrote())
    button = tapped("wamid.of-a-template", "payload-7", text="Stop", from_template=True)
    assert conversation.process(button) == "ended"


def test_ids_of_a_question_asked_very_often_are_bounded() -> None:
    conversation = FakeConversation([asks(f"wamid.{number}") for number in range(60)])
    for number in range(60):
        conversation.process(wrote(id=f"in.{number}"))
    assert len(waiting(conversation).message_ids) == 20
    assert waiting(conversation).message_ids[-1] == "wamid.59"


def test_a_visit_that_asks_nothing_leaves_the_present_question_as_it_is() -> None:
    conversation = FakeConversation([asks("wamid.a"), waits(trail=[{"node": "ask", "visit": 2, "effects": [{}]}])])
    conversation.process(wrote())
    conversation.process(wrote("no answer", id="wamid.2"))
    assert waiting(conversation).message_ids == ("wamid.a",)
