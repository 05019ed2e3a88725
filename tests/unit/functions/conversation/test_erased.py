"""What a turn makes of an erasure, and of what comes after it from before."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.event_guards import predates_erasure
from chatflow.conversation.events import erase_event, redriven, timeout_event
from chatflow.conversation.position import position
from chatflow.conversation.session import Session
from tests.fakes.turns import NOW, FakeConversation, begun, waits, wrote

SINCE = Session("c_ann", "whatsapp", "106", "1650", session="s_2")


def test_an_erasure_is_carried_out_in_the_conversations_own_order_and_leaves_no_record() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    assert conversation.process(erase_event("1", "c_ann", NOW)) == "erased"
    assert conversation.erased == [("c_ann", NOW)]
    assert "erase#1" not in conversation.sessions.records


def test_an_erasure_that_is_redriven_leaves_alone_what_began_since() -> None:
    conversation = FakeConversation([waits()])
    letter = redriven(erase_event("1", "c_ann", NOW - 100), position(None))
    conversation.sessions.erased_at = NOW - 100
    conversation.process(wrote())
    assert conversation.process(letter) == "stale"
    assert conversation.erased == []


def test_what_was_written_before_is_forgotten_even_if_it_comes_later() -> None:
    conversation = FakeConversation([])
    conversation.sessions.erased_at = wrote()["message"]["at"]
    assert conversation.process(wrote()) == "forgotten"
    assert conversation.runs == []
    assert conversation.sessions.records == {}


def test_what_is_written_after_begins_anew() -> None:
    conversation = FakeConversation([waits()])
    conversation.sessions.erased_at = wrote()["message"]["at"] - 1
    assert conversation.process(wrote()) == "waiting"
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.turn == 1


STATUS: dict[str, Any] = {"kind": "status", "id": "status#1"}
SCAN: dict[str, Any] = {"kind": "scan", "session": "s_1"}


@pytest.mark.parametrize("event", [STATUS, SCAN, timeout_event("c_ann", "s_1", 1, NOW)])
def test_word_about_what_is_gone_is_forgotten(event: dict[str, Any]) -> None:
    assert predates_erasure(event, NOW, None)
    assert not predates_erasure(event, NOW, SINCE)


def test_a_start_counts_from_when_it_was_asked_for() -> None:
    assert predates_erasure({**begun(), "at": NOW - 5}, NOW, None)
    assert not predates_erasure({**begun(), "at": NOW + 5}, NOW, None)


def test_variables_of_a_session_that_ended_do_not_outlive_the_next_turn() -> None:
    ends = {"status": "ended", "variables": {"plate": "B AB 1234"}}
    conversation = FakeConversation([ends], routes={"routes": [{"keywords": ["hi"], "flow": "claims"}]})
    conversation.process(wrote("hi"))
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.variables == {"plate": "B AB 1234"}
    conversation.process(wrote("thanks", id="wamid.2"))
    assert conversation.sessions.session.variables == {}
