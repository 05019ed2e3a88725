"""A dead letter's event that comes once more, and what a transcript keeps of variables."""

from __future__ import annotations

import pytest

from chatflow.conversation.events import redriven
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, FakeConversation, waits, wrote


def test_a_redriven_event_applies_while_its_session_stands_where_it_stood() -> None:
    conversation = FakeConversation([waits(), TurnFailed("the API's certificate"), ENDS])
    conversation.process(wrote())
    session = conversation.sessions.session
    assert session is not None
    failed = wrote("answer", id="wamid.2")
    with pytest.raises(TurnFailed):
        conversation.process(failed)

    assert conversation.process(redriven(failed, session.session, session.turn)) == "ended"
    assert conversation.runs[-1]["event"]["message"]["text"] == "answer"


def test_a_redriven_event_whose_session_moved_on_is_noted_as_stale_and_changes_nothing() -> None:
    conversation = FakeConversation([waits(), waits("next")])
    conversation.process(wrote())
    session = conversation.sessions.session
    assert session is not None
    conversation.process(wrote("again", id="wamid.3"))
    before = conversation.sessions.session

    event = redriven(wrote("answer", id="wamid.2"), session.session, session.turn)
    assert conversation.process(event) == "stale"

    assert conversation.sessions.session == before
    assert conversation.sessions.records["wamid.2"]["stale"]
    assert "16505551234" not in str(conversation.sessions.records)
    assert conversation.process(event) == "repeated"


def test_the_very_first_message_of_a_contact_may_be_redriven_too() -> None:
    conversation = FakeConversation([ENDS])
    assert conversation.process(redriven(wrote(), "", 0)) == "ended"
    assert conversation.process(redriven(wrote(id="wamid.2"), "", 0)) == "stale"


def test_an_event_that_had_its_turn_after_all_is_not_taken_twice() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    assert conversation.process(redriven(wrote(), "", 0)) == "repeated"


def test_the_transcript_tells_what_a_variable_was_and_became() -> None:
    conversation = FakeConversation([waits(variables={"plate": "A"}), waits(variables={"plate": "B", "new": 1})])
    conversation.process(wrote())
    conversation.process(wrote("B", id="wamid.2"))

    record = conversation.sessions.records["wamid.2"]
    assert record["variables"] == {"plate": "B", "new": 1}
    assert record["before"] == {"plate": "A"}


def test_what_a_node_calls_sensitive_stands_in_no_transcript() -> None:
    kept = {"effects": [{"effect": "answer", "sensitive": ["pin"]}]}
    conversation = FakeConversation(
        [waits(), waits(variables={"pin": "1234", "plate": "B"}, trail=[kept]), waits(variables={"pin": "9", "x": 1})]
    )
    conversation.process(wrote())
    conversation.process(wrote("1234", id="wamid.2"))
    conversation.process(wrote("more", id="wamid.3"))

    assert "1234" not in str(conversation.sessions.records)
    assert conversation.sessions.records["wamid.2"]["variables"] == {"pin": "***", "plate": "B"}
    assert conversation.sessions.records["wamid.3"]["variables"] == {"pin": "***", "x": 1}
    assert conversation.sessions.records["wamid.3"]["event"]["message"]["text"] == "more"
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.variables["pin"] == "9"
