"""A dead letter's event that comes once more, and what a transcript keeps of variables."""

from __future__ import annotations

import pytest

from chatflow.conversation.events import redriven
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, TurnWorld, waits, wrote


def test_a_redriven_event_applies_while_its_session_stands_where_it_stood() -> None:
    world = TurnWorld([waits(), TurnFailed("the API's certificate"), ENDS])
    world.take(wrote())
    session = world.sessions.session
    assert session is not None
    failed = wrote("answer", id="wamid.2")
    with pytest.raises(TurnFailed):
        world.take(failed)

    assert world.take(redriven(failed, session.session, session.turn)) == "ended"
    assert world.runs[-1]["event"]["message"]["text"] == "answer"


def test_a_redriven_event_whose_session_moved_on_is_noted_as_stale_and_changes_nothing() -> None:
    world = TurnWorld([waits(), waits("next")])
    world.take(wrote())
    session = world.sessions.session
    assert session is not None
    world.take(wrote("again", id="wamid.3"))
    before = world.sessions.session

    event = redriven(wrote("answer", id="wamid.2"), session.session, session.turn)
    assert world.take(event) == "stale"

    assert world.sessions.session == before
    assert world.sessions.records["wamid.2"]["stale"]
    assert "16505551234" not in str(world.sessions.records)
    assert world.take(event) == "repeated"


def test_the_very_first_message_of_a_contact_may_be_redriven_too() -> None:
    world = TurnWorld([ENDS])
    assert world.take(redriven(wrote(), "", 0)) == "ended"
    assert world.take(redriven(wrote(id="wamid.2"), "", 0)) == "stale"


def test_an_event_that_had_its_turn_after_all_is_not_taken_twice() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())
    assert world.take(redriven(wrote(), "", 0)) == "repeated"


def test_the_transcript_tells_what_a_variable_was_and_became() -> None:
    world = TurnWorld([waits(variables={"plate": "A"}), waits(variables={"plate": "B", "new": 1})])
    world.take(wrote())
    world.take(wrote("B", id="wamid.2"))

    record = world.sessions.records["wamid.2"]
    assert record["variables"] == {"plate": "B", "new": 1}
    assert record["before"] == {"plate": "A"}


def test_what_a_node_calls_sensitive_stands_in_no_transcript() -> None:
    kept = {"effects": [{"effect": "answer", "sensitive": ["pin"]}]}
    world = TurnWorld(
        [waits(), waits(variables={"pin": "1234", "plate": "B"}, trail=[kept]), waits(variables={"pin": "9", "x": 1})]
    )
    world.take(wrote())
    world.take(wrote("1234", id="wamid.2"))
    world.take(wrote("more", id="wamid.3"))

    assert "1234" not in str(world.sessions.records)
    assert world.sessions.records["wamid.2"]["variables"] == {"pin": "***", "plate": "B"}
    assert world.sessions.records["wamid.3"]["variables"] == {"pin": "***", "x": 1}
    assert world.sessions.records["wamid.3"]["event"]["message"]["text"] == "more"
    assert world.sessions.session is not None
    assert world.sessions.session.variables["pin"] == "9"
