"""A dead letter's event that comes once more, and what a transcript keeps of variables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatflow.conversation.events import redriven
from chatflow.conversation.position import position
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, FakeConversation, sent_photo, waits, wished, wrote


def test_a_redriven_event_applies_while_its_session_stands_where_it_stood() -> None:
    conversation = FakeConversation([waits(), TurnFailed("the API's certificate"), ENDS])
    conversation.process(wrote())
    session = conversation.sessions.session
    assert session is not None
    failed = wrote("answer", id="wamid.2")
    with pytest.raises(TurnFailed):
        conversation.process(failed)

    assert conversation.process(redriven(failed, position(session))) == "ended"
    assert conversation.runs[-1]["event"]["message"]["text"] == "answer"


def test_a_redriven_event_whose_session_moved_on_is_noted_as_stale_and_changes_nothing() -> None:
    conversation = FakeConversation([waits(), waits("next")])
    conversation.process(wrote())
    stood = position(conversation.sessions.session)
    conversation.process(wrote("again", id="wamid.3"))
    before = conversation.sessions.session

    event = redriven(wrote("answer", id="wamid.2"), stood)
    assert conversation.process(event) == "stale"

    assert conversation.sessions.session == before
    assert conversation.sessions.records["wamid.2"]["stale"]
    assert "16505551234" not in str(conversation.sessions.records)
    assert conversation.process(event) == "repeated"


def test_the_very_first_message_of_a_contact_may_be_redriven_too() -> None:
    conversation = FakeConversation([ENDS])
    assert conversation.process(redriven(wrote(), position(None))) == "ended"


@pytest.mark.parametrize(("turn", "ending"), [(1, "ended"), (0, "stale"), (2, "stale")])
def test_the_fence_of_an_earlier_release_names_the_turn(turn: int, ending: str) -> None:
    conversation = FakeConversation([waits(), ENDS])
    conversation.process(wrote())
    session = conversation.sessions.session
    assert session is not None
    event = {**wrote("answer", id="wamid.2"), "fence": {"session": session.session, "turn": turn}}
    assert conversation.process(event) == ending


def test_a_hello_behind_the_letter_does_not_make_it_stale() -> None:
    conversation = FakeConversation([waits(), waits(), ENDS])
    conversation.process(wrote())
    stood = position(conversation.sessions.session)
    conversation.process(wrote("hello?", id="wamid.3"))
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.turn == 2

    assert conversation.process(redriven(wrote("answer", id="wamid.2"), stood)) == "ended"


def test_neither_does_an_operator_who_has_the_node_ask_again() -> None:
    conversation = FakeConversation([waits(), waits(), ENDS])
    conversation.process(wrote())
    stood = position(conversation.sessions.session)
    conversation.process(wished("retry", conversation.sessions.session))

    assert conversation.process(redriven(wrote("answer", id="wamid.2"), stood)) == "ended"


def test_a_node_that_is_entered_anew_waits_for_another_answer() -> None:
    """A loop: "is this right?" is asked again about something else, and an old "yes" must not answer it."""
    around = [{"node": "ask"}, {"node": "change"}, {"node": "ask"}]
    conversation = FakeConversation([waits(), waits(visits=4, trail=around)])
    conversation.process(wrote())
    stood = position(conversation.sessions.session)
    conversation.process(wrote("no", id="wamid.3"))

    assert conversation.process(redriven(wrote("yes", id="wamid.2"), stood)) == "stale"


def test_an_album_that_failed_at_one_node_is_redriven_photo_by_photo() -> None:
    conversation = FakeConversation([waits("first"), waits("second"), waits("third"), ENDS])
    conversation.process(wrote())
    stood = position(conversation.sessions.session)
    photos = [redriven(sent_photo(id=f"wamid.{number}"), stood) for number in (2, 3, 4)]

    assert [conversation.process(photo) for photo in photos] == ["waiting", "waiting", "ended"]


def test_a_photo_of_the_album_is_stale_once_another_message_has_moved_the_session() -> None:
    conversation = FakeConversation([waits("first"), waits("second"), waits("third")])
    conversation.process(wrote())
    stood = position(conversation.sessions.session)
    conversation.process(redriven(sent_photo(id="wamid.2"), stood))
    conversation.process(sent_photo(id="wamid.9"))

    assert conversation.process(redriven(sent_photo(id="wamid.3"), stood)) == "stale"


def test_a_redriven_event_is_applied_before_what_is_pending() -> None:
    """`pending` holds what was accepted later, in a turn whose budget ended."""
    conversation = FakeConversation([waits(), waits("next"), ENDS])
    conversation.process(wrote())
    session = conversation.sessions.session
    assert session is not None
    stood = position(session)
    conversation.sessions.session = replace(session, pending=(wrote("later", id="wamid.3"),))

    conversation.process(redriven(wrote("sooner", id="wamid.2"), stood))

    assert [run["event"]["message"]["text"] for run in conversation.runs[1:]] == ["sooner", "later"]


def test_an_event_that_had_its_turn_after_all_is_not_taken_twice() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    assert conversation.process(redriven(wrote(), position(None))) == "repeated"


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
