"""What the channel does not take is sent later: nothing is lost, doubled more than once, or said out of order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.conversation import owed
from chatflow.conversation.events import echo_event, erase_event
from chatflow.conversation.owed import IN_DOUBT, PACED, UNAVAILABLE
from chatflow.errors import ChannelUnavailable, Paced
from chatflow.messages import IncomingMessage
from tests.fakes.owing_world import (
    CONTACT,
    DIES_AFTER,
    DIES_BEFORE,
    FAILS_AFTER,
    FAILS_BEFORE,
    HOUR,
    LIES,
    LIMIT,
    NEVER,
    OK,
    REFUSED,
    TROUBLE,
    World,
    asks_for_a_photo,
    first_hearings,
    sends_the_leaflet,
    text,
)
from tests.fakes.turns import NOW

ALBUM = {
    "first": text("Welcome", "one", failed="sorry"),
    "one": asks_for_a_photo("Photo 1?", "two", failed="sorry", timeout="late"),
    "two": asks_for_a_photo("Photo 2?", "three", failed="sorry", timeout="late"),
    "three": asks_for_a_photo("Photo 3?", "thanks", failed="sorry", timeout="late"),
    "thanks": text("Thank you", failed="sorry"),
    "sorry": text("Sorry"),
    "late": text("Too late"),
}
WITH_LEAFLET = {
    **ALBUM,
    "one": asks_for_a_photo("Photo 1?", "leaflet", failed="sorry", timeout="late"),
    "leaflet": sends_the_leaflet("two", failed="sorry"),
}
SAID = ["Welcome", "Photo 1?", "Photo 2?", "Photo 3?", "Thank you"]


def album() -> World:
    world = World(ALBUM)
    world.send(text="photos")
    return world


def test_a_channel_that_takes_everything_owes_nothing() -> None:
    world = album()
    for second in (10, 10, 10):
        world.send(at=second, photo=True)
    world.run()
    assert world.channel.heard == SAID
    assert world.session.owed == ()
    assert world.reports == []


@pytest.mark.parametrize("messages", [1, 2, 3, 12])
def test_an_account_without_slots_delays_what_nodes_say_and_ask_and_loses_nothing(messages: int) -> None:
    world = album()
    waits: list[ChannelUnavailable] = [ChannelUnavailable("no slot", 150.0), Paced("full", (NOW + 60) * 1000)]
    world.no_slot = [waits[number % 2] for number in range(messages)]
    for _ in range(3):
        world.send(at=1, photo=True)
    world.run()
    assert (world.exits("one"), world.exits("two"), world.exits("three")) == (["received"],) * 3
    assert world.channel.heard == SAID
    assert world.no_slot == []


@pytest.mark.parametrize(("reason", "later"), [(PACED, UNAVAILABLE), (IN_DOUBT, IN_DOUBT), (UNAVAILABLE, UNAVAILABLE)])
def test_a_message_that_is_postponed_has_no_slot_of_its_account_any_more(reason: str, later: str) -> None:
    world = album()
    world.channel.script = [REFUSED]
    world.send(at=1, photo=True)
    world.run(until=2)
    first, *others = world.session.owed
    waiting = replace(world.session, owed=(replace(first, reason=reason), *others))
    postponed = owed.postponed(waiting, NOW).owed[0]
    assert (postponed.reason, postponed.due > NOW) == (later, True)


@pytest.mark.parametrize("trouble", [REFUSED, LIMIT])
@pytest.mark.parametrize("seconds", [5, 180, 3 * HOUR])
def test_an_album_is_taken_while_the_channel_is_away(trouble: str, seconds: int) -> None:
    world = album()
    for _ in range(3):
        world.send(at=1, photo=True)
    world.channel.then = trouble
    world.run(until=seconds)
    assert (world.exits("one"), world.exits("two"), world.exits("three")) == (["received"],) * 3
    world.channel.then = OK
    world.run()
    assert world.channel.heard == SAID
    assert world.session.state == "ended"


def test_a_message_waits_as_long_as_the_channel_asks() -> None:
    world = album()
    world.channel.script, world.channel.retry_after = [LIMIT], 90
    world.run(until=HOUR)
    first, second = (at for at, said, _ in world.channel.attempts if said == "Welcome")
    assert second - first >= 90


def test_pauses_grow_with_each_attempt() -> None:
    world = album()
    world.channel.script = [REFUSED] * 12
    world.run(until=2 * HOUR)
    times = [at for at, said, _ in world.channel.attempts if said == "Welcome"]
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert pauses[0] < 10
    assert pauses[:6] == sorted(pauses[:6])
    assert max(pauses) <= 400


def test_a_day_of_patience_is_honoured_until_the_window_is_nearly_over() -> None:
    world = album()
    world.channel.then, world.channel.retry_after = LIMIT, 86_400
    world.run()
    assert [at for at, said, _ in world.channel.attempts if said == "Welcome"] == [NOW]
    assert world.exits("one") == ["failed"]
    given_up = [about for what, about in world.reports if what == "owed message given up"]
    assert {each["reason"] for each in given_up} == {"channel_unavailable"}


def test_an_outage_longer_than_the_window_takes_the_exit_at_the_stated_time_and_not_before() -> None:
    world = album()
    world.channel.then = REFUSED
    world.run(until=23 * HOUR - 60)
    assert (world.session.state, world.session.node) == ("waiting", "one")
    world.run(until=23 * HOUR + 120)
    assert world.exits("one") == ["failed"]
    (visit,) = world.left("one")
    assert visit["effects"][0]["reason"] == "channel_unavailable"
    world.run()
    assert world.session.owed == ()
    assert world.channel.heard == []


def test_a_message_of_the_customer_extends_the_time() -> None:
    world = album()
    world.channel.then = REFUSED
    world.send(at=10 * HOUR, photo=True)
    world.run(until=30 * HOUR)
    assert world.session.node == "two"
    world.channel.then = OK
    world.run()
    assert world.channel.heard == [*SAID[:3], "Too late"]


def test_the_customers_time_begins_when_the_question_is_sent() -> None:
    world = album()
    world.channel.then = REFUSED
    world.run(until=2 * HOUR)
    assert (world.session.state, world.session.node) == ("waiting", "one")
    world.channel.then = OK
    world.run(until=2 * HOUR + 400)
    assert world.channel.heard == SAID[:2]
    assert world.session.waiting.deadline >= NOW + 2 * HOUR + 590
    world.run()
    assert world.session.state == "ended"


def test_an_owed_message_outlives_its_session_and_comes_before_the_next_sessions_messages() -> None:
    world = World({"first": text("One")}, routes={"routes": [{"flow": "claims"}]})
    world.channel.then = REFUSED
    world.send(text="hi")
    world.run(until=10)
    assert (world.session.state, len(world.session.owed)) == ("ended", 1)
    world.nodes["first"] = text("Two")
    world.send(at=20, text="hi again")
    world.run(until=30)
    world.channel.then = OK
    world.run()
    assert world.channel.heard == ["One", "Two"]


def test_a_message_in_doubt_whose_status_came_is_not_repeated() -> None:
    world = album()
    world.channel.script = [FAILS_AFTER]
    world.run(until=300)
    assert world.channel.heard == SAID[:2]


def test_a_message_in_doubt_without_a_status_is_repeated_once() -> None:
    world = album()
    world.channel.script, world.channel.status_seconds = [FAILS_AFTER] * 9, float("inf")
    world.run(until=HOUR)
    assert world.channel.heard.count("Welcome") == 2


@pytest.mark.parametrize("trouble", [FAILS_AFTER, FAILS_BEFORE, DIES_AFTER, DIES_BEFORE])
@pytest.mark.parametrize("then", [(), (REFUSED,), (LIMIT, REFUSED)])
def test_of_a_question_that_was_repeated_each_copy_may_be_tapped(trouble: str, then: tuple[str, ...]) -> None:
    """The id of the first copy is not known, so no tap can be told from one on it."""
    world = album()
    world.channel.script, world.channel.status_seconds = [OK, trouble, *then], float("inf")
    world.run(until=500)
    assert world.channel.heard[-1] == "Photo 1?"
    assert (world.session.node, world.session.owed, world.session.waiting.message_ids) == ("one", (), ())


def test_of_a_question_whose_status_came_the_one_copy_is_known() -> None:
    world = album()
    world.channel.script = [OK, FAILS_AFTER]
    world.run(until=300)
    assert world.session.waiting.message_ids == ("wamid.2",)


def test_a_message_that_was_in_doubt_and_is_then_not_taken_still_comes() -> None:
    world = album()
    world.channel.script = [FAILS_BEFORE, REFUSED, LIMIT, REFUSED]
    world.run(until=600)
    assert world.channel.heard == SAID[:2]


def test_a_file_that_is_owed_keeps_its_node_waiting_and_what_the_customer_sends() -> None:
    world = World({"first": sends_the_leaflet("ask"), "ask": asks_for_a_photo("Photo?", "end")})
    world.channel.then = REFUSED
    world.send(text="leaflet")
    world.send(at=5, photo=True)
    world.run(until=60)
    assert (world.session.node, len(world.session.held)) == ("first", 1)
    world.channel.then = OK
    world.run()
    assert world.exits("first") == ["sent"]
    assert world.channel.heard == ["leaflet.pdf", "Photo?"]
    assert world.session.state == "ended"


@pytest.mark.parametrize(("then", "reason"), [(REFUSED, "channel_unavailable"), (NEVER, "refused")])
def test_a_file_that_cannot_be_sent_takes_its_exit_with_the_reason(then: str, reason: str) -> None:
    world = World({"first": sends_the_leaflet("end", failed="sorry"), "sorry": text("Sorry")})
    world.channel.script, world.channel.then = [REFUSED], then
    world.send(text="leaflet")
    world.run()
    (visit,) = world.left("first")
    assert (visit["exit"], visit["effects"][0]["reason"]) == ("failed", reason)


def test_an_owed_question_that_is_refused_for_good_takes_the_exit() -> None:
    world = World({"first": asks_for_a_photo("Photo?", failed="sorry"), "sorry": text("Sorry")})
    world.channel.script = [REFUSED, NEVER]
    world.send(text="photos")
    world.run()
    assert world.exits("first") == ["failed"]
    assert world.channel.heard == ["Sorry"]


def test_a_conversation_owes_only_so_much_and_then_says_so() -> None:
    nodes = {"first": text("0 " + "x" * 9_000, "t1", failed="end")}
    nodes |= {f"t{n}": text(f"{n} " + "x" * 9_000, f"t{n + 1}", failed="too_much") for n in range(1, 9)}
    world = World({**nodes, "t9": text("end"), "too_much": text("never said")})
    world.channel.then = REFUSED
    world.send(text="go")
    world.run(until=5)
    assert world.exits("t5") == ["failed"]
    assert len(world.session.owed) == 6  # five long texts, and the short one after the exit
    (visit,) = (visit for visit in world.visits if visit["node"] == "t5")
    assert "owes too many" in visit["effects"][0]["failed"]


def test_a_repeated_question_replaces_the_owed_one() -> None:
    world = World({"first": asks_for_a_photo("Photo?")})
    world.channel.then = REFUSED
    world.send(text="photos")
    world.run(until=1)
    world.act("retry")
    world.run(until=2)
    world.channel.then = OK
    world.run(until=300)
    assert world.channel.heard == ["Photo?"]


def test_an_attempt_that_breaks_off_blocks_no_event() -> None:
    world = album()
    world.channel.script = [REFUSED]
    world.run(until=1)
    world.broken = {"deliver"}
    for at in (100, 100, 100):
        world.send(at=at, photo=True)
    world.run(until=400)
    assert [world.exits(node) for node in ("one", "two", "three")] == [["received"]] * 3
    world.broken = set()
    world.run()
    assert world.channel.heard == SAID


def test_an_operator_who_stops_the_session_drops_what_is_owed() -> None:
    world = album()
    world.channel.then = REFUSED
    world.run(until=1)
    world.act("stop")
    world.run(until=2)
    world.channel.then = OK
    world.run()
    assert (world.session.state, world.session.owed, world.channel.heard) == ("ended", (), [])


def test_nothing_is_sent_while_a_person_talks_to_the_customer() -> None:
    world = album()
    world.channel.then = REFUSED
    world.run(until=1)
    world.act("pause")
    world.send(at=600, text="Are you there?")
    world.run(until=HOUR)
    world.channel.then = OK
    world.run(until=2 * HOUR)
    assert (world.channel.heard, len(world.session.owed)) == ([], 2)
    world.now = NOW + 2 * HOUR
    world.act("resume")
    world.run(until=2 * HOUR + 60)
    assert world.channel.heard == SAID[:2]
    assert world.session.state == "waiting"


def test_what_is_owed_survives_a_pause_without_a_session() -> None:
    world = World({"first": text("One")})
    world.channel.then = REFUSED
    world.send(text="hi")
    world.run(until=1)
    assert world.session.state == "ended"
    by_hand = IncomingMessage("wamid.echo", "whatsapp", "106", CONTACT, "text", NOW + 2, text="Olga here")
    world.queue(echo_event(by_hand, "c_ann"), NOW + 2)
    world.run(until=HOUR)
    assert (world.session.state, len(world.session.owed)) == ("paused", 1)
    world.channel.then = OK
    world.act("resume")
    world.run(until=2 * HOUR)
    assert world.channel.heard == ["One"]


def test_an_owed_message_of_an_erased_contact_is_never_sent() -> None:
    world = album()
    world.channel.then = REFUSED
    world.run(until=1)
    world.queue(erase_event("1", "c_ann", NOW + 2))
    world.run(until=3)
    world.channel.then = OK
    world.run()
    assert world.session is None
    assert world.channel.heard == []


def test_what_was_to_be_sent_is_in_no_transcript() -> None:
    world = album()
    world.channel.then = REFUSED
    world.run(until=1)
    assert "Welcome" in str(world.session.owed)
    assert "Welcome" not in str(world.sessions.records)


@settings(max_examples=150, deadline=None)
@given(
    nodes=st.sampled_from((ALBUM, WITH_LEAFLET)),
    script=st.lists(st.sampled_from((OK, *TROUBLE)), max_size=24),
    photos=st.lists(st.integers(1, 400), min_size=3, max_size=3),
    status_seconds=st.sampled_from((1.0, 15.0, float("inf"))),
    retry_after=st.sampled_from((0.0, 7.0, 60.0)),
)
def test_whatever_the_channel_does_for_a_while_nothing_is_lost_and_the_order_is_kept(
    nodes: dict[str, Any], script: list[str], photos: list[int], status_seconds: float, retry_after: float
) -> None:
    world = World(nodes)
    world.send(text="photos")
    for at in sorted(photos):
        world.send(at=at, photo=True)
    world.channel.script, world.channel.status_seconds, world.channel.retry_after = script, status_seconds, retry_after

    world.run()

    assert world.most_heard() <= 2
    said = SAID if nodes is ALBUM else [*SAID[:2], "leaflet.pdf", *SAID[2:]]
    attempts = {each: [does for _at, name, does in world.channel.attempts if name == each] for each in said}
    doubts = {each: sum(does not in (OK, REFUSED, LIMIT) for does in attempts[each]) for each in said}
    assert all(count <= 2 for count in doubts.values())
    # A message stays unheard only if it was in doubt twice.
    assert first_hearings(world.channel.heard) == [
        each for each in said if doubts[each] < 2 or each in world.channel.heard
    ]
    assert [world.exits(node) for node in ("one", "two", "three")] == [["received"]] * 3
    assert (world.session.state, world.session.owed, world.session.held) == ("ended", (), ())


@given(script=st.lists(st.sampled_from((OK, REFUSED, LIES, LIMIT, FAILS_AFTER)), max_size=12))
@settings(max_examples=50, deadline=None)
def test_a_channel_that_says_it_sent_nothing_is_not_believed_when_a_status_arrives(script: list[str]) -> None:
    world = World({"first": text("One", "second"), "second": sends_the_leaflet("third"), "third": text("Three")})
    world.send(text="go")
    world.channel.script, world.channel.status_seconds = script, 2.0
    world.run()
    assert world.most_heard() == 1
    assert world.channel.heard == ["One", "leaflet.pdf", "Three"]


def test_a_refused_question_reaches_its_node_although_a_text_was_sent_in_between() -> None:
    """Such as the word for a photo that came early."""
    nodes = {"first": asks_for_a_photo("Photo?", failed="sorry"), "sorry": text("Sorry")}
    world = World(nodes)
    world.channel.script = [REFUSED]
    world.send(text="photos")
    world.run(until=2)
    session = world.session
    world.sessions.session = replace(session, visits=session.visits + 1)
    world.channel.then = NEVER
    world.run()
    assert world.exits("first") == ["failed"]
    assert world.session.state == "ended"
