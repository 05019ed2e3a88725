"""What a person may do about a session: stop it, have it try again, give up on the node where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.events import Action
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, FakeConversation, waits, wished, wrote

DEFERRED = {"status": "deferred", "at": "third"}


def a_node(*, waits: bool = False, **exits: Any) -> dict[str, Any]:
    return {"type": "any", "waits": waits, "exits": exits}


def a_stuck_conversation(*answers: dict[str, Any] | Exception) -> FakeConversation:
    """A session whose next node raises each time: every event behind it would run that node first."""
    conversation = FakeConversation([DEFERRED, *answers], seconds_per_run=61)
    conversation.process(wrote())
    conversation.seconds_per_run = 1
    return conversation


def test_stop_ends_the_session_without_a_word() -> None:
    conversation = FakeConversation([waits()])
    conversation.sessions.routes["apology"] = "Something went wrong."
    conversation.process(wrote())

    assert conversation.process(wished("stop", conversation.sessions.session)) == "ended"

    session = conversation.sessions.session
    assert session is not None
    assert (session.state, session.node, session.waiting) == ("ended", "", None)
    assert len(conversation.runs) == 1


def test_stop_frees_a_session_whose_next_node_always_raises() -> None:
    conversation = a_stuck_conversation(TurnFailed("again"), waits())
    with pytest.raises(TurnFailed):
        conversation.process(wrote("hello?", id="wamid.2"))

    assert conversation.process(wished("stop", conversation.sessions.session)) == "ended"
    assert conversation.process(wrote("once more", id="wamid.3")) == "waiting"

    assert conversation.runs[-1]["at"] == "first"
    assert conversation.process(conversation.queued[0]) == "stale"


def test_stop_leaves_nothing_pending() -> None:
    conversation = FakeConversation([DEFERRED, waits("ask")], seconds_per_run=61)
    conversation.process(wrote())
    conversation.process(wrote("quick", id="wamid.2"))
    assert conversation.sessions.session is not None
    assert conversation.sessions.session.pending

    assert conversation.process(wished("stop", conversation.sessions.session)) == "ended"
    assert conversation.sessions.session.pending == ()
    assert len(conversation.runs) == 2


def test_retry_has_a_waiting_node_ask_again() -> None:
    conversation = FakeConversation([waits("ask", variables={"plate": "B"}), waits("ask")])
    conversation.process(wrote())

    assert conversation.process(wished("retry", conversation.sessions.session)) == "waiting"

    run = conversation.runs[1]
    assert (run["at"], run["phase"], run["memo"], run["variables"]) == ("ask", "enter", {}, {"plate": "B"})
    assert list(run["nodes"]) == ["ask"]
    assert run["event"]["kind"] == "operator"


def test_retry_has_a_continuing_session_go_on_under_the_name_that_its_effects_know() -> None:
    conversation = a_stuck_conversation(waits("ask"))
    continuation = conversation.queued[0]

    assert conversation.process(wished("retry", conversation.sessions.session)) == "waiting"

    assert (conversation.runs[1]["at"], conversation.runs[1]["event"]) == ("third", continuation)


@pytest.mark.parametrize(
    ("exits", "leads_to"),
    [
        ({"gave_up": "sorry", "failed": "other", "received": "x"}, "sorry"),
        ({"failed": "sorry", "failure": "other", "sent": "x"}, "sorry"),
        ({"failure": "sorry", "success": "x"}, "sorry"),
    ],
)
def test_give_up_leaves_the_node_by_the_exit_for_that(exits: dict[str, Any], leads_to: str) -> None:
    conversation = FakeConversation([waits("ask"), waits("next")], nodes={"ask": a_node(waits=True, **exits)})
    conversation.process(wrote())

    assert conversation.process(wished("give_up", conversation.sessions.session)) == "waiting"

    assert (conversation.runs[1]["at"], conversation.runs[1]["phase"]) == (leads_to, "enter")
    assert "ask" in conversation.runs[1]["nodes"]


def test_give_up_on_a_node_without_such_an_exit_ends_in_the_apology() -> None:
    conversation = FakeConversation([waits("ask"), ENDS], nodes={"ask": a_node(waits=True, otherwise="x")})
    conversation.sessions.routes["apology"] = "Something went wrong."
    conversation.process(wrote())

    assert conversation.process(wished("give_up", conversation.sessions.session)) == "ended"
    assert conversation.texts == ["Something went wrong."]


def test_give_up_may_lead_to_the_end_or_to_another_flow() -> None:
    conversation = FakeConversation([waits("ask")], nodes={"ask": a_node(waits=True, gave_up="end")})
    conversation.process(wrote())
    assert conversation.process(wished("give_up", conversation.sessions.session)) == "ended"
    assert len(conversation.runs) == 1

    nodes = {"ask": a_node(waits=True, gave_up={"flow": "thanks"})}
    conversation = FakeConversation([waits("ask"), ENDS], nodes=nodes, flows=["claims", "thanks"])
    conversation.process(wrote())
    assert conversation.process(wished("give_up", conversation.sessions.session)) == "ended"
    assert conversation.runs[1]["flow"] == "thanks"


def test_give_up_goes_round_a_node_that_always_raises_and_then_takes_what_is_pending() -> None:
    conversation = a_stuck_conversation(waits("ask"))
    conversation.nodes["third"] = a_node(failed="sorry", sent="x")

    assert conversation.process(wished("give_up", conversation.sessions.session)) == "waiting"

    assert conversation.runs[1]["at"] == "sorry"
    assert (
        next(iter(conversation.runs[1]["nodes"])) == "first"
    )  # a node that does not wait goes on within the same slice


def test_give_up_on_a_waiting_node_that_was_still_to_be_entered_goes_on_in_that_nodes_own_slice() -> None:
    conversation = a_stuck_conversation(waits("ask"))
    conversation.nodes["third"] = a_node(waits=True, gave_up="sorry")

    conversation.process(wished("give_up", conversation.sessions.session))

    assert next(iter(conversation.runs[1]["nodes"])) == "third"


def test_give_up_on_a_version_that_is_gone_ends_in_the_apology() -> None:
    conversation = FakeConversation([waits("ask"), ENDS])
    conversation.sessions.routes["apology"] = "Something went wrong."
    conversation.process(wrote())
    conversation.flows.clear()

    assert conversation.process(wished("give_up", conversation.sessions.session)) == "ended"
    assert conversation.texts == ["Something went wrong."]


@pytest.mark.parametrize("action", ["stop", "retry", "give_up"])
def test_a_wish_about_a_session_that_has_moved_on_changes_nothing_and_is_noted(action: Action) -> None:
    conversation = FakeConversation([waits(), waits("next")])
    conversation.process(wrote())
    late = wished(action, conversation.sessions.session)
    conversation.process(wrote("answer", id="wamid.2"))
    before = conversation.sessions.session

    assert conversation.process(late) == "stale"

    assert conversation.sessions.session == before
    record = conversation.sessions.records["operator#1"]
    assert record["stale"]
    assert (record["event"]["action"], record["event"]["by"]) == (action, "olga@example.com")
    assert conversation.process(late) == "repeated"


def test_a_wish_about_a_session_that_has_ended_is_stale() -> None:
    conversation = FakeConversation([ENDS])
    conversation.process(wrote())
    assert conversation.process(wished("retry", conversation.sessions.session)) == "stale"


def test_who_asked_for_what_stands_in_the_transcript() -> None:
    conversation = FakeConversation([waits()])
    conversation.process(wrote())
    conversation.process(wished("stop", conversation.sessions.session))

    event = conversation.sessions.records["operator#1"]["event"]
    assert (event["kind"], event["action"], event["by"]) == ("operator", "stop", "olga@example.com")
