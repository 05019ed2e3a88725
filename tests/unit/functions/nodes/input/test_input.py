"""The Input node."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.errors import ChannelUnavailable
from nodes.input.rule import visit
from tests.fakes.visit import FakePorts, a_visit, media, text, timeout

PLATE: dict[str, Any] = {
    "prompt": "Your number plate?",
    "pattern": "[A-Z0-9 -]{2,10}",
    "save_as": "plate",
    "attempts": 3,
    "reprompt": "",
    "timeout": 0,
}


def test_it_asks_and_waits_for_a_text() -> None:
    ports = FakePorts()
    outcome = visit(a_visit(PLATE), ports)

    assert ports.texts == ["Your number plate?"]
    assert outcome.wait is not None
    assert outcome.wait.expects == ("text",)
    assert outcome.wait.seconds == 0


def test_its_own_timeout_is_the_waits_deadline() -> None:
    outcome = visit(a_visit({**PLATE, "timeout": 120}), FakePorts())
    assert outcome.wait is not None
    assert outcome.wait.seconds == 120


def test_an_answer_of_the_right_form_is_kept_without_the_blanks_around_it() -> None:
    outcome = visit(a_visit(PLATE, event=text("  B-AB 12 ")), FakePorts())
    assert outcome.exit == "received"
    assert outcome.set == {"plate": "B-AB 12"}


@pytest.mark.parametrize("event", [text("what?"), text(""), text("A" * 5000), media()])
def test_anything_else_is_answered_and_asked_for_again(event: dict[str, Any]) -> None:
    ports = FakePorts()
    outcome = visit(a_visit(PLATE, event=event), ports)

    assert ports.texts == ["I did not understand that. Your number plate?"]
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 2}


def test_the_author_may_word_the_second_question() -> None:
    ports = FakePorts()
    visit(a_visit({**PLATE, "reprompt": "Letters and digits only, please."}, event=text("?")), ports)
    assert ports.texts == ["Letters and digits only, please."]


def test_it_gives_up_after_as_many_attempts_as_the_author_allows() -> None:
    ports = FakePorts()
    outcome = visit(a_visit(PLATE, event=text("?"), wait_state={"attempt": 3}), ports)
    assert outcome.exit == "gave_up"
    assert ports.texts == []


def test_a_deadline_leads_to_the_exit_timeout() -> None:
    assert visit(a_visit(PLATE, event=timeout()), FakePorts()).exit == "timeout"


def test_a_channel_that_is_down_leads_to_the_exit_failed() -> None:
    assert visit(a_visit(PLATE), FakePorts(refuses=ChannelUnavailable("down"))).exit == "failed"


@pytest.mark.parametrize("said", ["B-AB 12", "what?"])
def test_a_sensitive_answer_right_or_wrong_is_kept_from_the_transcript(said: str) -> None:
    outcome = visit(a_visit({**PLATE, "sensitive": True}, event=text(said)), FakePorts())
    assert outcome.effects[-1] == {"effect": "answer", "sensitive": ["plate"]}
    assert said not in str(outcome.effects)
