"""One person is one conversation: interleavings of events under old and new keys, duplicates, workers that die."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatflow.conversation.events import Event, message_event
from chatflow.messages import IncomingMessage
from tests.fakes.places import FakePlaces, FakeQueue, Killed
from tests.fakes.turns import NOW

NUMBER, USER, NAME = "c_number", "c_user", "c_name"
OLD, BOTH, HIDDEN = "old", "both", "hidden"


def wrote(id: str, how: str, *, at: int = NOW, number: str = NUMBER, user: str = USER) -> Event:
    """A message of a webhook from before user ids, of one that names both, or of one that hides the number."""
    contact = "US.1" if how == HIDDEN else "16505550100"
    identity = "" if how == OLD else "US.1"
    message = IncomingMessage(id, "whatsapp", "106", contact, "text", at, text=id, identity=identity)
    if how == OLD:
        return message_event(message, number)
    return message_event(message, user, [NAME] if how == HIDDEN else [number, NAME])


def begun_before(queue: FakeQueue, count: int = 1) -> list[str]:
    """A session under the number, as it was stored before user ids were known."""
    ids = [f"before{index}" for index in range(count)]
    for id in ids:
        queue.send(wrote(id, OLD))
    queue.drain()
    assert queue.applied == ids
    return ids


def one_conversation(store: FakePlaces) -> Any:
    """The only session. Every other place is an alias of it, and nothing waits to be adopted."""
    ((key, session),) = store.live.items()
    assert all(place.moved_to == key for other, place in store.places.items() if other != key)
    assert not any(place.session for other, place in store.places.items() if other != key)
    return session


def test_a_session_that_was_stored_under_the_number_goes_on_under_the_user_id() -> None:
    queue = FakeQueue()
    begun_before(queue)
    started = queue.store.live[NUMBER].session
    for id, how in (("m1", BOTH), ("m2", HIDDEN), ("m3", OLD)):
        queue.send(wrote(id, how))
        queue.drain()
    session = one_conversation(queue.store)
    assert session.conversation == USER
    assert session.session == started
    assert session.variables["seen"] == queue.applied == ["before0", "m1", "m2", "m3"]
    assert session.formerly == (NUMBER,)
    assert set(session.aliases) == {NUMBER, NAME}
    assert set(queue.contacts) == {"16505550100"}, "a number that is hidden later is still the person's"


def test_a_turn_in_progress_under_the_number_ends_before_its_session_moves() -> None:
    queue = FakeQueue()
    begun_before(queue)
    queue.send(wrote("m1", OLD))
    queue.send(wrote("m2", BOTH))
    interrupted = []

    def between() -> None:
        if not interrupted and "m1" in queue.applied:
            interrupted.append(True)
            queue.work(USER)

    queue.between = between
    queue.work(NUMBER)
    queue.drain()
    assert interrupted
    assert queue.applied == ["before0", "m1", "m2"]
    assert one_conversation(queue.store).variables["seen"] == queue.applied


def test_a_usual_turn_writes_no_alias_and_reads_once() -> None:
    queue = FakeQueue()
    calls: list[str] = []
    queue.send(wrote("m1", BOTH))
    queue.drain()
    load, save = queue.store.load, queue.store.save
    queue.store.load = lambda *given: calls.append("load") or load(*given)  # type: ignore[method-assign, func-returns-value]
    queue.store.save = lambda *given: calls.append(f"save {len(given[4].aliases)}") or save(*given)  # type: ignore[method-assign, func-returns-value]
    queue.send(wrote("m2", BOTH))
    queue.send(wrote("m3", HIDDEN))
    queue.drain()
    assert calls == ["load", "save 0"] * 2


ARRIVAL = st.tuples(st.sampled_from([OLD, BOTH, HIDDEN]), st.booleans())


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_nothing_is_lost_doubled_or_reordered_however_events_interleave(data: st.DataObject) -> None:
    """With a session from before. Without one, a first message under each key at once: see the test below."""
    _interleave(data, FakeQueue(), stored=data.draw(st.integers(1, 2)))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_of_a_person_without_a_session_at_most_the_effects_of_a_turn_in_progress_are_repeated(
    data: st.DataObject,
) -> None:
    _interleave(data, FakeQueue(), stored=0)


def _interleave(data: st.DataObject, queue: FakeQueue, *, stored: int) -> None:
    expected = begun_before(queue, stored) if stored else []
    arrivals = data.draw(st.lists(ARRIVAL, min_size=1, max_size=7))
    events = [(wrote(f"m{index}", how), twice) for index, (how, twice) in enumerate(arrivals)]
    linked = any(how == BOTH for how, _ in arrivals)
    waiting = list(events)
    kills = 0

    def between() -> None:
        nonlocal kills
        choice = data.draw(st.integers(0, 11))
        if choice == 0 and kills < 3:
            kills += 1
            raise Killed
        if choice in (1, 2) and waiting:
            arrive()
        elif choice in (3, 4, 5) and (ready := queue.ready):
            queue.work(data.draw(st.sampled_from(ready)))

    def arrive() -> None:
        event, twice = waiting.pop(0)
        queue.send(event)
        if twice:
            queue.send(event)

    queue.between = between
    while waiting:
        arrive()
        if data.draw(st.booleans()) and queue.ready:
            queue.work(data.draw(st.sampled_from(queue.ready)))
    queue.between = lambda: None
    queue.drain()

    ids = expected + [event["id"] for event, _ in events]
    if stored:
        assert sorted(queue.applied) == sorted(ids), "each message takes effect exactly once"
    assert set(queue.applied) == set(ids), "no message is lost"
    assert all(queue.applied.count(id) <= 2 for id in ids)
    for group in ([OLD], [BOTH, HIDDEN]):
        sent = [f"m{index}" for index, (how, _) in enumerate(arrivals) if how in group]
        first = list(dict.fromkeys(id for id in queue.applied if id in sent))
        assert first == sent, "the messages of a key stay in their order"
    if linked:
        one_conversation(queue.store)
