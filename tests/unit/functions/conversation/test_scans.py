"""A file that a malware scanner looks at: what the session does until the verdict comes, and with it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.events import Event, Verdict, scan_event, timeout_event
from chatflow.conversation.session import Session
from chatflow.conversation.turn import MOST_HELD, TOO_MANY_HELD
from chatflow.errors import TurnFailed
from tests.fakes.turns import ENDS, NOW, TurnWorld, sent_photo, waits, wished, wrote

KEY = "media/c_ann/s/3-first-a1"
LEAVE: dict[str, Any] = {
    "routes": [{"flow": "claims"}],
    "leave": [{"words": ["stop"], "then": "end", "say": "Bye."}],
}


def scanning(at: str = "photo_1", *, key: str = KEY) -> dict[str, Any]:
    """What the machine answers when a node waits for a scanner."""
    wait = {"expects": ["scan"], "seconds": 120, "memo": {"attempt": 1, "key": key}}
    return {"status": "waiting", "at": at, "wait": wait}


def asks(at: str = "photo_2") -> dict[str, Any]:
    return waits(at, expects=("media",))


def a_world(*answers: dict[str, Any] | Exception, **more: Any) -> TurnWorld:
    """A photo came, and the session waits for its scan."""
    world = TurnWorld([asks("photo_1"), scanning(), *answers], **more)
    world.take(wrote())
    assert world.take(sent_photo(id="wamid.a")) == "waiting"
    return world


def newest(world: TurnWorld) -> Session:
    assert world.sessions.session is not None
    return world.sessions.session


def verdict(world: TurnWorld, verdict: Verdict = "clean", *, key: str = KEY) -> Event:
    return scan_event("c_ann", newest(world).session, key, verdict)


def resumed(world: TurnWorld) -> list[str]:
    """The ids of the events by which nodes were resumed."""
    return [run["event"]["id"] for run in world.runs if run["phase"] == "resume"]


def test_the_verdict_resumes_the_node_with_what_it_remembered() -> None:
    world = a_world(ENDS)
    event = verdict(world)

    assert world.take(event) == "ended"

    run = world.runs[-1]
    assert (run["at"], run["phase"], run["event"]) == ("photo_1", "resume", event)
    assert run["memo"] == {"attempt": 1, "key": KEY}


def test_an_album_s_later_photos_are_held_and_arrive_in_their_order() -> None:
    world = a_world(asks(), scanning("photo_2", key="k2"), asks("photo_3"), scanning("photo_3", key="k3"), ENDS)
    for id in ("wamid.b", "wamid.c"):
        assert world.take(sent_photo(id=id)) == "waiting"
    assert len(world.runs) == 2

    first = verdict(world)
    assert world.take(first) == "waiting"  # the second photo is with its node, and the third is held again
    assert [each["id"] for each in newest(world).held] == ["wamid.c"]
    second = verdict(world, key="k2")
    assert world.take(second) == "waiting"
    assert world.take(verdict(world, key="k3")) == "ended"

    assert resumed(world) == [
        "wamid.a",
        first["id"],
        "wamid.b",
        second["id"],
        "wamid.c",
        f"scan#{first['session']}#k3",
    ]
    assert world.queued == []


def test_what_the_customer_writes_meanwhile_is_an_answer_to_what_comes_next() -> None:
    world = a_world(waits("plate"), ENDS)
    world.take(wrote("B-AB 12", id="wamid.b"))

    assert world.take(verdict(world)) == "ended"

    assert world.runs[-1]["at"] == "plate"
    assert world.runs[-1]["event"]["message"]["text"] == "B-AB 12"


def test_what_was_held_for_a_flow_that_then_ended_is_a_message_like_any_other() -> None:
    world = a_world(ENDS, waits("first_again"))
    world.take(wrote("one more thing", id="wamid.b"))

    assert world.take(verdict(world)) == "waiting"
    assert newest(world).at == "first_again"


def test_a_word_that_leaves_any_flow_leaves_at_once_and_what_was_held_was_said_to_that_flow() -> None:
    world = a_world({"status": "ended"}, routes=LEAVE)
    event = verdict(world)
    world.take(sent_photo(id="wamid.b"))

    assert world.take(wrote("stop", id="wamid.c")) == "ended"

    assert world.said == ["Bye."]
    assert newest(world).held == ()
    assert world.take(event) == "stale"


def test_messages_that_are_held_do_not_move_the_scanner_s_deadline() -> None:
    world = a_world()
    before = newest(world).waiting
    world.take(wrote("still there?", id="wamid.b"))
    after = newest(world).waiting
    assert before is not None
    assert before == after
    assert [deadline for deadline, _ in world.scheduled[1:]] == [NOW + 120, NOW + 120]


def test_a_silent_scanner_s_deadline_resumes_the_node_and_what_was_held_follows() -> None:
    world = a_world(asks(), ENDS)
    world.take(sent_photo(id="wamid.b"))
    world.now += 121

    silence = timeout_event("c_ann", newest(world).session, newest(world).turn, NOW + 120)
    assert world.take(silence) == "ended"

    assert resumed(world) == ["wamid.a", silence["id"], "wamid.b"]


@pytest.mark.parametrize("about", ["another key", "another session", "nobody", "one who waits for the customer"])
def test_a_verdict_that_nobody_waits_for_is_ignored(about: str) -> None:
    world = a_world(asks()) if about != "nobody" else TurnWorld()
    event = scan_event("c_ann", world.sessions.session.session if world.sessions.session else "s", KEY, "clean")
    if about == "another key":
        event = {**event, "key": "media/c_ann/s/1-old"}
    if about == "another session":
        event = {**event, "session": "s_before"}
    if about == "one who waits for the customer":
        world.take(verdict(world))
        event = {**event, "id": "scan#again"}
    runs = len(world.runs)

    assert world.take(event) == "stale"
    assert len(world.runs) == runs


def test_a_verdict_that_comes_twice_counts_once() -> None:
    world = a_world(scanning(key="k2"))
    event = verdict(world)
    world.take(event)
    assert world.take(event) == "repeated"


def test_a_verdict_whose_turn_failed_comes_again_and_nothing_held_is_lost() -> None:
    world = a_world(TurnFailed("the machine timed out"), asks(), ENDS)
    world.take(sent_photo(id="wamid.b"))
    event = verdict(world)
    with pytest.raises(TurnFailed):
        world.take(event)

    assert world.take(event) == "ended"
    assert resumed(world)[-1] == "wamid.b"


def test_what_is_held_has_an_end_and_the_transcript_tells() -> None:
    world = a_world()
    for number in range(MOST_HELD + 1):
        world.take(wrote("x", id=f"wamid.{number}x"))

    assert len(newest(world).held) == MOST_HELD
    assert world.sessions.records[f"wamid.{MOST_HELD}x"]["refused"] == TOO_MANY_HELD
    assert "refused" not in world.sessions.records["wamid.0x"]


def test_long_messages_are_held_up_to_what_a_session_may_hold() -> None:
    world = a_world()
    for number in range(20):
        world.take(wrote("\U0001f600" * 4096, id=f"wamid.{number}x"))
    assert 0 < len(newest(world).held) < 10


def test_held_messages_that_do_not_fit_the_verdict_s_budget_are_done_by_a_continue_event() -> None:
    world = a_world(asks(), scanning("photo_2", key="k2"), seconds_per_run=61)
    world.take(sent_photo(id="wamid.b"))

    assert world.take(verdict(world)) == "waiting"
    assert [each["id"] for each in newest(world).pending] == ["wamid.b"]
    assert world.take(world.queued[-1]) == "waiting"
    assert newest(world).waiting is not None
    assert newest(world).waiting.memo["key"] == "k2"  # type: ignore[union-attr]


def test_an_operator_who_gives_up_on_the_scan_lets_go_what_was_held() -> None:
    node = {"type": "media", "waits": True, "exits": {"gave_up": "photo_2"}}
    world = a_world(asks(), ENDS, nodes={"photo_1": node})
    world.take(sent_photo(id="wamid.b"))

    assert world.take(wished("give_up", newest(world))) == "ended"
    assert resumed(world)[-1] == "wamid.b"


def test_an_operator_who_stops_the_session_drops_what_was_held() -> None:
    world = a_world()
    world.take(sent_photo(id="wamid.b"))
    assert world.take(wished("stop", newest(world))) == "ended"
    assert newest(world).held == ()
