"""The Menu node."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.messages import Choices, Option
from nodes.menu.rule import visit
from tests.fakes.visit import FakePorts, a_visit, choice, media, text, timeout

MENU: dict[str, Any] = {
    "prompt": "What happened?",
    "options": [
        {"id": "damage", "title": "Damage", "description": "A dent or a scratch"},
        {"id": "theft", "title": "Theft", "description": ""},
    ],
    "button": "Choose",
    "save_as": "what",
    "attempts": 2,
    "reprompt": "",
    "timeout": 0,
}


def test_it_offers_its_options() -> None:
    ports = FakePorts()
    visit(a_visit(MENU), ports)
    options = (Option("damage", "Damage", "A dent or a scratch"), Option("theft", "Theft"))
    assert ports.sent_messages == [Choices("What happened?", options, "Choose")]


@pytest.mark.parametrize(
    "event", [choice("theft", "Theft"), text("2"), text("2."), text(" THEFT "), text("theft")], ids=str
)
def test_an_option_is_chosen_by_a_tap_its_number_or_its_title(event: dict[str, Any]) -> None:
    outcome = visit(a_visit(MENU, event=event), FakePorts())
    assert outcome.exit == "theft"
    assert outcome.set == {"what": {"id": "theft", "title": "Theft"}}


@pytest.mark.parametrize(
    "answer",
    ["*2*", "2)", "\uff12", "2\ufe0f\u20e3", "Theft!", "*theft*", "\u201cTheft\u201d", "Théft", "Theft \U0001f697"],
)
def test_an_answer_is_taken_as_people_write_it(answer: str) -> None:
    assert visit(a_visit(MENU, event=text(answer)), FakePorts()).exit == "theft"


def test_an_answer_without_its_emoji_is_taken_where_it_can_mean_one_option_only() -> None:
    options = [
        {"id": "good", "title": "Service \U0001f44d", "description": ""},
        {"id": "bad", "title": "Service \U0001f44e", "description": ""},
        {"id": "car", "title": "\U0001f697 Car", "description": ""},
    ]
    exits = [
        visit(a_visit({**MENU, "options": options}, event=text(answer)), FakePorts()).exit
        for answer in ("car", "service \U0001f44e", "service")
    ]
    assert exits == ["car", "bad", ""]


def test_of_options_that_were_published_before_they_were_alike_the_one_that_was_typed_counts() -> None:
    options = [{"id": "potato", "title": "Papa", "description": ""}, {"id": "dad", "title": "Papá", "description": ""}]
    exits = [
        visit(a_visit({**MENU, "options": options}, event=text(answer)), FakePorts()).exit
        for answer in ("papa", "papá", "Papá!")
    ]
    assert exits == ["potato", "dad", "potato"]


def test_a_title_with_a_variable_in_it_is_compared_as_the_customer_reads_it() -> None:
    options = [{"id": "mine", "title": "My [[car]]", "description": ""}]
    chosen = visit(
        a_visit({**MENU, "options": options}, variables={"car": "Golf"}, event=text("my golf!")), FakePorts()
    )
    assert chosen.exit == "mine"


@pytest.mark.parametrize("event", [text("3"), text("0"), text("maybe"), media(), choice("old-button")], ids=str)
def test_anything_else_is_asked_again(event: dict[str, Any]) -> None:
    ports = FakePorts()
    outcome = visit(a_visit(MENU, event=event), ports)
    assert outcome.wait is not None
    assert ports.texts == ["Please choose one of these. What happened?"]


def test_it_gives_up_in_the_end() -> None:
    assert visit(a_visit(MENU, event=text("?"), wait_state={"attempt": 2}), FakePorts()).exit == "gave_up"


def test_a_deadline_leads_to_the_exit_timeout() -> None:
    assert visit(a_visit(MENU, event=timeout()), FakePorts()).exit == "timeout"
