"""What a person may do about a session: stop it, have it try again, give up on the node where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.events import Action
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, TurnWorld, waits, wished, wrote

DEFERRED = {"status": "deferred", "at": "third"}


def a_node(*, waits: bool = False, **exits: Any) -> dict[str, Any]:
    return {"type": "any", "waits": waits, "exits": exits}


def a_stuck_world(*answers: dict[str, Any] | Exception) -> TurnWorld:
    """A session whose next node raises each time: every event behind it would run that node first."""
    world = TurnWorld([DEFERRED, *answers], seconds_per_run=61)
    world.take(wrote())
    world.seconds_per_run = 1
    return world


def test_stop_ends_the_session_without_a_word() -> None:
    world = TurnWorld([waits()])
    world.sessions.routes["apology"] = "Something went wrong."
    world.take(wrote())

    assert world.take(wished("stop", world.sessions.session)) == "ended"

    session = world.sessions.session
    assert session is not None
    assert (session.state, session.at, session.waiting) == ("ended", "", None)
    assert len(world.runs) == 1


def test_stop_frees_a_session_whose_next_node_always_raises() -> None:
    world = a_stuck_world(TurnFailed("again"), waits())
    with pytest.raises(TurnFailed):
        world.take(wrote("hello?", id="wamid.2"))

    assert world.take(wished("stop", world.sessions.session)) == "ended"
    assert world.take(wrote("once more", id="wamid.3")) == "waiting"

    assert world.runs[-1]["at"] == "first"
    assert world.take(world.queued[0]) == "stale"


def test_stop_leaves_nothing_pending() -> None:
    world = TurnWorld([DEFERRED, waits("ask")], seconds_per_run=61)
    world.take(wrote())
    world.take(wrote("quick", id="wamid.2"))
    assert world.sessions.session is not None
    assert world.sessions.session.pending

    assert world.take(wished("stop", world.sessions.session)) == "ended"
    assert world.sessions.session.pending == ()
    assert len(world.runs) == 2


def test_retry_has_a_waiting_node_ask_again() -> None:
    world = TurnWorld([waits("ask", variables={"plate": "B"}), waits("ask")])
    world.take(wrote())

    assert world.take(wished("retry", world.sessions.session)) == "waiting"

    run = world.runs[1]
    assert (run["at"], run["phase"], run["memo"], run["variables"]) == ("ask", "enter", {}, {"plate": "B"})
    assert list(run["nodes"]) == ["ask"]
    assert run["event"]["kind"] == "operator"


def test_retry_has_a_continuing_session_go_on_under_the_name_that_its_effects_know() -> None:
    world = a_stuck_world(waits("ask"))
    continuation = world.queued[0]

    assert world.take(wished("retry", world.sessions.session)) == "waiting"

    assert (world.runs[1]["at"], world.runs[1]["event"]) == ("third", continuation)


@pytest.mark.parametrize(
    ("exits", "leads_to"),
    [
        ({"gave_up": "sorry", "failed": "other", "received": "x"}, "sorry"),
        ({"failed": "sorry", "failure": "other", "sent": "x"}, "sorry"),
        ({"failure": "sorry", "success": "x"}, "sorry"),
    ],
)
def test_give_up_leaves_the_node_by_the_exit_for_that(exits: dict[str, Any], leads_to: str) -> None:
    world = TurnWorld([waits("ask"), waits("next")], nodes={"ask": a_node(waits=True, **exits)})
    world.take(wrote())

    assert world.take(wished("give_up", world.sessions.session)) == "waiting"

    assert (world.runs[1]["at"], world.runs[1]["phase"]) == (leads_to, "enter")
    assert "ask" in world.runs[1]["nodes"]


def test_give_up_on_a_node_without_such_an_exit_ends_in_the_apology() -> None:
    world = TurnWorld([waits("ask"), ENDS], nodes={"ask": a_node(waits=True, otherwise="x")})
    world.sessions.routes["apology"] = "Something went wrong."
    world.take(wrote())

    assert world.take(wished("give_up", world.sessions.session)) == "ended"
    assert world.said == ["Something went wrong."]


def test_give_up_may_lead_to_the_end_or_to_another_flow() -> None:
    world = TurnWorld([waits("ask")], nodes={"ask": a_node(waits=True, gave_up="end")})
    world.take(wrote())
    assert world.take(wished("give_up", world.sessions.session)) == "ended"
    assert len(world.runs) == 1

    nodes = {"ask": a_node(waits=True, gave_up={"flow": "thanks"})}
    world = TurnWorld([waits("ask"), ENDS], nodes=nodes, flows=["claims", "thanks"])
    world.take(wrote())
    assert world.take(wished("give_up", world.sessions.session)) == "ended"
    assert world.runs[1]["flow"] == "thanks"


def test_give_up_goes_round_a_node_that_always_raises_and_then_takes_what_is_pending() -> None:
    world = a_stuck_world(waits("ask"))
    world.nodes["third"] = a_node(failed="sorry", sent="x")

    assert world.take(wished("give_up", world.sessions.session)) == "waiting"

    assert world.runs[1]["at"] == "sorry"
    assert next(iter(world.runs[1]["nodes"])) == "first"  # a node that does not wait goes on within the same slice


def test_give_up_on_a_waiting_node_that_was_still_to_be_entered_goes_on_in_that_nodes_own_slice() -> None:
    world = a_stuck_world(waits("ask"))
    world.nodes["third"] = a_node(waits=True, gave_up="sorry")

    world.take(wished("give_up", world.sessions.session))

    assert next(iter(world.runs[1]["nodes"])) == "third"


def test_give_up_on_a_version_that_is_gone_ends_in_the_apology() -> None:
    world = TurnWorld([waits("ask"), ENDS])
    world.sessions.routes["apology"] = "Something went wrong."
    world.take(wrote())
    world.flows.clear()

    assert world.take(wished("give_up", world.sessions.session)) == "ended"
    assert world.said == ["Something went wrong."]


@pytest.mark.parametrize("action", ["stop", "retry", "give_up"])
def test_a_wish_about_a_session_that_has_moved_on_changes_nothing_and_is_noted(action: Action) -> None:
    world = TurnWorld([waits(), waits("next")])
    world.take(wrote())
    late = wished(action, world.sessions.session)
    world.take(wrote("answer", id="wamid.2"))
    before = world.sessions.session

    assert world.take(late) == "stale"

    assert world.sessions.session == before
    record = world.sessions.records["operator#1"]
    assert record["stale"]
    assert (record["event"]["action"], record["event"]["by"]) == (action, "olga@example.com")
    assert world.take(late) == "repeated"


def test_a_wish_about_a_session_that_has_ended_is_stale() -> None:
    world = TurnWorld([ENDS])
    world.take(wrote())
    assert world.take(wished("retry", world.sessions.session)) == "stale"


def test_who_asked_for_what_stands_in_the_transcript() -> None:
    world = TurnWorld([waits()])
    world.take(wrote())
    world.take(wished("stop", world.sessions.session))

    event = world.sessions.records["operator#1"]["event"]
    assert (event["kind"], event["action"], event["by"]) == ("operator", "stop", "olga@example.com")
