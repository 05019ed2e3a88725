"""What a turn makes of an erasure, and of what comes after it from before."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.erasure import forgotten
from chatflow.conversation.events import erase_event, redriven, timeout_event
from chatflow.conversation.session import Session
from tests.fakes.turns import NOW, TurnWorld, begun, waits, wrote

SINCE = Session("c_ann", "whatsapp", "106", "1650", session="s_2")


def test_an_erasure_is_carried_out_in_the_conversations_own_order_and_leaves_no_record() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())
    assert world.take(erase_event("1", "c_ann", NOW)) == "erased"
    assert world.erased == [("c_ann", NOW)]
    assert "erase#1" not in world.sessions.records


def test_an_erasure_that_is_redriven_leaves_alone_what_began_since() -> None:
    world = TurnWorld([waits()])
    letter = redriven(erase_event("1", "c_ann", NOW - 100), "", 0)
    world.sessions.erased_at = NOW - 100
    world.take(wrote())
    assert world.take(letter) == "stale"
    assert world.erased == []


def test_what_was_written_before_is_forgotten_even_if_it_comes_later() -> None:
    world = TurnWorld([])
    world.sessions.erased_at = wrote()["message"]["at"]
    assert world.take(wrote()) == "forgotten"
    assert world.runs == []
    assert world.sessions.records == {}


def test_what_is_written_after_begins_anew() -> None:
    world = TurnWorld([waits()])
    world.sessions.erased_at = wrote()["message"]["at"] - 1
    assert world.take(wrote()) == "waiting"
    assert world.sessions.session is not None
    assert world.sessions.session.turn == 1


STATUS: dict[str, Any] = {"kind": "status", "id": "status#1"}
SCAN: dict[str, Any] = {"kind": "scan", "session": "s_1"}


@pytest.mark.parametrize("event", [STATUS, SCAN, timeout_event("c_ann", "s_1", 1, NOW)])
def test_word_about_what_is_gone_is_forgotten(event: dict[str, Any]) -> None:
    assert forgotten(event, NOW, None)
    assert not forgotten(event, NOW, SINCE)


def test_a_start_counts_from_when_it_was_asked_for() -> None:
    assert forgotten({**begun(), "at": NOW - 5}, NOW, None)
    assert not forgotten({**begun(), "at": NOW + 5}, NOW, None)


def test_variables_of_a_session_that_ended_do_not_outlive_the_next_turn() -> None:
    ends = {"status": "ended", "variables": {"plate": "B AB 1234"}}
    world = TurnWorld([ends], routes={"routes": [{"keywords": ["hi"], "flow": "claims"}]})
    world.take(wrote("hi"))
    assert world.sessions.session is not None
    assert world.sessions.session.variables == {"plate": "B AB 1234"}
    world.take(wrote("thanks", id="wamid.2"))
    assert world.sessions.session.variables == {}
