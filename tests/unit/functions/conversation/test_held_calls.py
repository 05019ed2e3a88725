"""What an operator does about a held call: try it now, give it up."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb.held_sessions import held_place
from chatflow.conversation.event_bodies import event_body
from chatflow.conversation.events import Action, Event, erase_event
from chatflow.conversation.held_calls import held_call_event
from chatflow.conversation.queued_events import read_event
from tests.fakes.outage_world import HANGS, OPEN, UNREACHABLE, OutageWorld, one_photo, two_photos
from tests.fakes.owing_world import HOUR


def held(nodes: dict[str, Any] | None = None, *, does: str = HANGS, until: int = 600) -> OutageWorld:
    """A customer whose upload is held since a while."""
    world = OutageWorld(nodes or one_photo())
    world.send(text="photo")
    world.send(at=5, photo=True)
    world.down(does, until=HOUR)
    world.run(until=until)
    return world


def wish(world: OutageWorld, action: Any, unique: str = "1") -> Event:
    """The event as it comes out of the queue."""
    event = held_call_event(unique, world.session, action=action, by="ann")
    assert event is not None
    return read_event(event_body(event))


def process(world: OutageWorld, *events: Event) -> list[str]:
    """Process these events now; returns how each ended."""
    before = len(world.endings)
    for event in events:
        world.queue(event)
    world.run(until=world.now - world.session.started_at + 1)
    return list(world.endings[before:])


def test_a_retry_tries_at_once_and_a_second_one_that_saw_the_same_try_changes_nothing() -> None:
    world = held()
    calls = len(world.api.calls)
    assert process(world, wish(world, "retry", "1"), wish(world, "retry", "2"))[:2] == ["waiting", "stale"]
    assert len(world.api.calls) == calls + 1
    world.run()
    assert len({key for _, key, _ in world.api.calls}) == len(world.api.files) == 1
    assert world.channel.heard == ["Photo?", "Please wait", "Thank you"]


def test_a_retry_after_the_answer_changes_nothing() -> None:
    world = held()
    late = wish(world, "retry")
    world.run()
    calls = len(world.api.calls)
    world.queue(late)
    world.run()
    assert (world.endings[-1], len(world.api.calls)) == ("stale", calls)


@pytest.mark.parametrize("message", [False, True])
def test_a_message_of_the_customer_meanwhile_does_not_make_an_action_stale(message: bool) -> None:
    for action in ("retry", "give_up"):
        world = held(does=OPEN)
        event = wish(world, action)
        if message:
            world.send(at=world.now - world.session.started_at, text="hello?")
        assert "stale" not in process(world, event), action


@pytest.mark.parametrize("action", ["retry", "give_up", "stop", "pause"])
def test_an_action_that_was_sent_while_a_try_ran_is_not_stale_unless_it_wants_that_try(action: Action) -> None:
    world = held(does=OPEN)
    event = wish(world, action)
    world.run(until=700)
    assert ("stale" in process(world, event)) == (action == "retry")
    assert world.session.state == {"retry": "waiting", "pause": "paused"}.get(action, "ended")


def test_a_call_that_is_given_up_takes_the_exit_failure_with_the_reason_outage_and_calls_nobody() -> None:
    world = held()
    event, calls = wish(world, "give_up"), len(world.api.calls)
    world.run(until=700)  # it was tried since the operator looked
    tried = len(world.api.calls)
    assert tried > calls
    world.queue(event)
    world.queue(wish(world, "give_up", "2"))
    world.run()
    (left,) = world.left("upload")
    assert (left["exit"], left["effects"][0]["reason"]) == ("failure", "outage")
    assert world.sessions.session.variables["claim_response"] == {"status": 0, "reason": "outage", "in_doubt": True}
    assert (len(world.api.calls), world.channel.heard[-1]) == (tried, "Sorry")
    assert world.endings.count("stale") >= 1


def test_an_operator_s_action_on_the_session_gives_a_held_call_up_in_the_same_way() -> None:
    world = held()
    world.act("give_up")
    world.run()
    (left,) = world.left("upload")
    assert (left["exit"], left["effects"][0]["reason"]) == ("failure", "outage")


def test_an_action_on_one_held_call_leaves_the_next_one_of_the_session_alone() -> None:
    world = held(two_photos())
    event = wish(world, "give_up")
    world.run(until=HOUR + 250)
    assert world.session.node == "second"
    world.down(UNREACHABLE, until=10 * HOUR)
    world.send(at=world.now - world.session.started_at, photo=True)
    world.run(until=world.now - world.session.started_at + 60)
    assert world.session.held_call
    assert "stale" in process(world, event)
    assert world.session.held_call


@pytest.mark.parametrize("action", ["retry", "give_up"])
def test_an_action_on_a_held_session_whose_contact_was_erased_meanwhile_leaves_no_trace(action: str) -> None:
    world = held()
    event, calls = wish(world, action), len(world.api.calls)
    world.queue(erase_event("1", "c_ann", int(world.now)))
    world.queue(event)
    world.run()
    assert len(world.api.calls) == calls
    assert (world.session, world.sessions.records.get(event["id"], {}).get("visits")) == (None, None)


def test_a_session_is_listed_under_the_host_of_its_call_as_long_as_it_is_held_and_its_place_does_not_move() -> None:
    world = held(until=100)
    first = held_place(world.session)
    assert first["held_at"]["S"].startswith("api.example.com:443#")
    world.run(until=1000)
    assert held_place(world.session) == first
    world.act("pause")
    world.run(until=1001)
    assert held_place(world.session) == {}
    world.act("resume")
    world.run()
    assert held_place(world.session) == {}


def test_a_list_of_files_that_is_given_up_keeps_what_was_uploaded() -> None:
    nodes = one_photo()
    nodes["first"]["config"] |= {"many": {"min": 2, "max": 2, "quiet": 3}}
    nodes["upload"]["config"] |= {"each": "photo"}
    world = OutageWorld(nodes)
    world.api.script = ["takes it"]
    world.down(OPEN, until=HOUR)
    world.send(text="photo")
    world.send(at=5, photo=True)
    world.send(at=5, photo=True)
    world.run(until=600)
    process(world, wish(world, "retry"))
    assert world.session.held_call["each"]["done"]
    process(world, wish(world, "give_up", "2"))
    assert world.exits("upload") == ["failure"]
    assert len(world.api.files) == 1
    response = world.session.variables["claim_response"]
    assert [each["reason"] for each in response["items"]] == ["", "outage"]
