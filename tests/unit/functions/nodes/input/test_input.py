"""The Input node."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.events import WAS_KEPT
from chatflow.errors import ChannelUnavailable
from nodes.input.rule import visit
from tests.fakes.visit import FakePorts, a_visit, media, received, text, timeout

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


@pytest.mark.parametrize("event", [text("what?"), text(""), media()])
def test_anything_else_is_answered_and_asked_for_again(event: dict[str, Any]) -> None:
    ports = FakePorts()
    outcome = visit(a_visit(PLATE, event=event), ports)

    assert ports.texts == ["I did not understand that. Your number plate?"]
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 2}


def test_a_message_that_is_older_than_the_question_and_no_answer_uses_no_attempt_and_says_nothing() -> None:
    ports = FakePorts()
    older = {**text("what?"), WAS_KEPT: True}
    outcome = visit(a_visit(PLATE, event=older, wait_state={"attempt": 3}), ports)
    assert ports.texts == []
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 3}


def test_a_message_that_is_older_than_the_question_may_be_its_answer() -> None:
    assert visit(a_visit(PLATE, event={**text("B AB 1"), WAS_KEPT: True}), FakePorts()).exit == "received"


def test_a_file_is_answered_even_if_it_is_older_than_the_question() -> None:
    ports = FakePorts()
    visit(a_visit(PLATE, event={**media(), WAS_KEPT: True}), ports)
    assert len(ports.texts) == 1


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


PLACE = {"latitude": 52.5, "longitude": 13.4, "name": "Zoo"}
CARDS = [{"name": "Ann", "phones": ["+49 30 1"]}]


@pytest.mark.parametrize(
    ("accept", "sent", "kept"),
    [
        (["location"], {"kind": "location", "location": PLACE}, PLACE),
        (["contact"], {"kind": "contacts", "contacts": CARDS}, CARDS),
        (["form"], {"kind": "form", "form": {"plate": "B"}}, {"plate": "B"}),
        (["text", "location"], {"kind": "text", "text": "At the zoo"}, "At the zoo"),
        (["text", "location", "contact"], {"kind": "contacts", "contacts": CARDS}, CARDS),
    ],
)
def test_it_keeps_each_kind_of_answer_that_the_author_accepts(accept: list[str], sent: Any, kept: Any) -> None:
    config = {**PLATE, "pattern": "", "accept": accept}
    assert visit(a_visit(config), FakePorts()).wait.expects == tuple(accept)  # type: ignore[union-attr]
    outcome = visit(a_visit(config, event=received(**sent)), FakePorts())
    assert (outcome.exit, outcome.set) == ("received", {"plate": kept})


@pytest.mark.parametrize("accept", [None, ["text"], ["contact"]])
def test_it_asks_again_for_a_kind_that_the_author_does_not_accept(accept: list[str] | None) -> None:
    config = {**PLATE, **({"accept": accept} if accept else {})}  # an earlier version has none: it takes texts
    outcome = visit(a_visit(config, event=received(kind="location", location=PLACE)), FakePorts())
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 2}


def test_a_text_is_no_answer_where_a_place_is_asked_for() -> None:
    outcome = visit(a_visit({**PLATE, "pattern": "", "accept": ["location"]}, event=text("Berlin")), FakePorts())
    assert outcome.wait is not None


def test_a_text_that_is_too_long_is_refused_in_words() -> None:
    ports = FakePorts()
    visit(a_visit({**PLATE, "pattern": ""}, event=text("A" * 5000)), ports)
    assert ports.texts == ["That is too long: please use at most 4096 characters. Your number plate?"]


def test_a_question_that_is_asked_once_more_for_no_fault_of_the_customer_counts_no_attempt() -> None:
    outcome = visit(a_visit(PLATE, wait_state={"attempt": 3}), FakePorts())
    assert outcome.wait is not None
    assert outcome.wait.wait_state == {"attempt": 3}
