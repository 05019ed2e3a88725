"""Lists and counts of sessions over the partitions of the index."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatflow.adapters.dynamodb import listed_sessions
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.conversation.identity import Links
from chatflow.conversation.listing import SHARDS, STAYS_SECONDS, place, shard, time_of
from chatflow.conversation.session import Session
from tests.fakes.session_table import SessionTable
from tests.fakes.turns import ENDS, NOW, FakeConversation, waits, wrote

GOLDEN = Path(__file__).parents[4] / "golden_rows"
ALL = ("waiting", "continuing", "paused", "ended")
STATES = st.sampled_from(ALL)
CONVERSATIONS = st.integers(0, 24)
FLOWS = st.sampled_from(["claims", "survey"])
SAVES = st.lists(st.tuples(CONVERSATIONS, STATES, FLOWS, st.integers(0, 2400)), max_size=30)
LISTED = st.sampled_from([ALL, ("waiting",), ("ended", "paused")])
MODEL = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class World:
    """Sessions that are saved one after the other, on a clock that never goes back."""

    def __init__(self, table: SessionTable) -> None:
        self.table = table
        self.table.rows.clear()
        self.store = SessionStore("sessions", "flows")
        self.now = NOW
        self.saved: dict[str, Session] = {}

    def save(self, number: int, state: Any, flow: str, seconds: int) -> str:
        conversation = f"c_{number:032x}"
        self.now += seconds
        place_before = self.store.load(conversation, "e").known.place
        turn = place_before.turn + 1 if place_before else 1
        session = Session(conversation, "whatsapp", "106", "1650", turn=turn, state=state, flow=flow, session="s_1")
        record = {"session": "s_1", "turn": turn, "event": {"kind": "message"}, "at": self.now, "flow": flow}
        self.store.save(session, f"e{turn}", record, self.now, Links(place_before))
        self.saved[conversation] = session
        return conversation

    def save_as_an_earlier_version(self, number: int, state: Any, flow: str, seconds: int) -> None:
        conversation = self.save(number, state, flow, seconds)
        row = self.table.rows[conversation, "session"]
        self.table.put({**row, "state": {"S": state}, "listed_at": {"S": place(self.now, conversation)}})

    def page(self, states: tuple[str, ...] = ALL, **filters: Any) -> tuple[list[listed_sessions.SessionSummary], str]:
        return listed_sessions.page("sessions", states, **filters)

    def walked(self, states: tuple[str, ...] = ALL, *, limit: int, **filters: Any) -> list[str]:
        found, before = [], ""
        for _ in range(400):
            items, before = self.page(states, before=before, limit=limit, **filters)
            assert len(items) <= limit
            found += [item.conversation for item in items]
            if not before:
                return found
        raise AssertionError("the list has no end")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> SessionTable:
    return SessionTable.installed(monkeypatch)


@given(earlier=SAVES, later=SAVES, states=LISTED, flow=st.sampled_from(["", "survey"]),
       limit=st.sampled_from([1, 2, 7, 100]), evaluated=st.sampled_from([1, 3, 200]))  # fmt: skip
@MODEL
def test_sessions_come_newest_first_and_each_once_whatever_the_size_of_a_page(
    table: SessionTable, *, earlier: Any, later: Any, states: Any, flow: str, limit: int, evaluated: int
) -> None:
    """Those of earlier versions among them."""
    world = World(table)
    for save in earlier:
        world.save_as_an_earlier_version(*save)
    for save in later:
        world.save(*save)
    rows = [table.rows[each, "session"] for each in world.saved]
    places = sorted((row["listed_at"]["S"] for row in rows if row["state"]["S"].split("#")[0] in states
                     and flow in ("", row["flow"]["S"])), reverse=True)  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listed_sessions, "_EVALUATED", evaluated)
        patched.setattr(listed_sessions, "_MORE_QUERIES", 2)
        found = world.walked(states, limit=limit, flow=flow)
    assert found == [each.partition("#")[2] for each in places]


@given(before=SAVES, between=st.lists(SAVES, max_size=6), states=LISTED, limit=st.integers(1, 6),
       evaluated=st.sampled_from([1, 200]))  # fmt: skip
@MODEL
def test_while_sessions_move_nothing_is_listed_twice_and_nothing_that_stayed_is_lost(
    table: SessionTable, *, before: Any, between: Any, states: Any, limit: int, evaluated: int
) -> None:
    world = World(table)
    for index, save in enumerate(before):
        (world.save if index % 3 else world.save_as_an_earlier_version)(*save)
    stayed = {each for each, session in world.saved.items() if session.state in states}
    found: list[str] = []
    position, moves = "", iter(between)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listed_sessions, "_EVALUATED", evaluated)
        while True:
            items, position = world.page(states, before=position, limit=limit)
            found += [item.conversation for item in items]
            if not position:
                break
            for save in next(moves, ()):
                stayed.discard(world.save(*save))
    assert len(found) == len(set(found))
    assert stayed <= set(found)


def test_a_session_that_moves_between_the_reads_of_two_partitions_is_listed_once(
    table: SessionTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(table)
    ann = world.save(1, "waiting", "claims", 0)
    read = table.query

    def then_moves(**request: Any) -> dict[str, Any]:
        answer = read(**request)
        if answer["Items"] and answer["Items"][0]["state"]["S"].startswith("waiting"):
            monkeypatch.setattr(table, "query", read)
            world.save(1, "ended", "claims", 5)
        return answer

    monkeypatch.setattr(table, "query", then_moves)
    monkeypatch.setattr(listed_sessions, "_AT_ONCE", 1)
    assert world.walked(("waiting", "ended"), limit=10) == [ann]


@given(SAVES, st.integers(0, 40_000), st.integers(0, 40_000))
@MODEL
def test_times_are_those_of_the_last_activity_though_a_place_is_older(
    table: SessionTable, saves: Any, since: int, until: int
) -> None:
    world = World(table)
    for save in saves:
        world.save(*save)
    changed = {each: int(table.rows[each, "session"]["updated_at"]["N"]) for each in world.saved}
    found = world.walked(limit=5, since=NOW + since, until=NOW + until)
    assert set(found) == {each for each, at in changed.items() if NOW + since <= at <= NOW + until}
    for each, at in changed.items():
        assert at - STAYS_SECONDS < time_of(table.rows[each, "session"]["listed_at"]["S"]) <= at


def test_a_rare_flow_is_looked_for_within_a_bounded_number_of_queries(
    table: SessionTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_sessions, "_EVALUATED", 1)
    monkeypatch.setattr(listed_sessions, "_MORE_QUERIES", 5)
    world = World(table)
    rare = world.save(0, "ended", "survey", 1)
    for number in range(1, 60):
        world.save(number, "ended", "claims", 1)
    items, position = world.page(flow="survey", limit=3)
    assert (items, table.queries) == ([], 4 * (len(SHARDS) + 1) + 5)
    assert position
    assert world.walked(flow="survey", limit=3) == [rare]


@pytest.mark.parametrize("version", ["v1", "v1 without a schema version", "v1 of the first release", "v1 paused"])
def test_a_stored_session_of_an_earlier_version_is_listed_and_moves_at_its_next_save(
    table: SessionTable, version: str
) -> None:
    world = World(table)
    row = json.loads((GOLDEN / "session.json").read_text(encoding="utf-8"))[version]
    table.put(row)
    conversation, state = row["conversation"]["S"], row["state"]["S"]
    (listed,), _ = world.page((state,), limit=10)
    assert (listed.conversation, listed.state, listed.place) == (conversation, state, row["listed_at"]["S"])
    assert listed_sessions.count_running("sessions", row["flow"]["S"]) == 1

    place_before = world.store.load(conversation, "e").known.place
    assert place_before is not None
    assert place_before.session is not None
    session = replace(place_before.session, turn=place_before.turn + 1)
    record = {"session": session.session, "turn": session.turn, "event": {"kind": "message"}, "at": NOW, "flow": ""}
    world.store.save(session, "e", record, int(row["updated_at"]["N"]) + 60, Links(place_before))
    assert table.rows[conversation, "session"]["state"]["S"] == f"{state}#{shard(conversation)}"
    assert world.walked((state,), limit=1) == [conversation]


def test_running_sessions_are_counted_exactly_while_they_are_few(table: SessionTable) -> None:
    world = World(table)
    for number in range(200):
        world.save(number, ALL[number % 4], "survey" if number % 5 == 0 else "claims", 1)
    for number in range(200, 203):
        world.save_as_an_earlier_version(number, "waiting", "survey", 1)
    assert listed_sessions.count_running("sessions", "survey") == 30 + 3
    assert listed_sessions.count_running("sessions", "nothing") == 0


def test_of_many_running_sessions_a_bounded_number_is_read_and_the_rest_estimated(
    table: SessionTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_sessions, "_COUNTED", 400)
    world = World(table)
    for number in range(2000):
        world.save(number, "waiting", "survey" if number % 2 else "claims", 0)
    estimated = listed_sessions.count_running("sessions", "survey")
    assert 800 < estimated < 1200
    assert table.evaluated < 400 + 2 * 2000 / len(SHARDS)


def test_a_played_conversation_writes_the_index_once_a_turn_while_its_state_stays(table: SessionTable) -> None:
    conversation = FakeConversation(answers=[*(waits() for _ in range(10)), ENDS])
    conversation.sessions = SessionStore("sessions", "flows")  # type: ignore[assignment]
    table.batch_get_item = with_routes(table, conversation.routes)  # type: ignore[method-assign]
    for number in range(11):
        conversation.process(wrote("an answer", id=f"wamid.{number}"))
        conversation.now += 90
    first, *steady, last = table.index_writes
    assert (first, set(steady), last) == (1, {1}, 2)  # it is put into the list, stays there, and moves to another


def test_a_conversation_whose_sessions_end_in_their_first_turn_writes_the_index_once_a_turn(
    table: SessionTable,
) -> None:
    world = World(table)
    for _ in range(12):
        world.save(1, "ended", "claims", 240)
    assert set(table.index_writes) == {1}


def test_a_session_goes_up_in_its_list_once_an_hour(table: SessionTable) -> None:
    world = World(table)
    for _ in range(61):
        world.save(1, "waiting", "claims", 300)
    assert sorted(table.index_writes) == [1] * 56 + [2] * 5


def with_routes(table: SessionTable, routes: dict[str, Any]) -> Any:
    """The table's own read; the routes are those of the conversation."""
    read = SessionTable.batch_get_item

    def batch_get_item(RequestItems: dict[str, Any]) -> dict[str, Any]:
        answer = read(table, RequestItems)
        return {"Responses": {**answer["Responses"], "flows": [{"document": {"S": json.dumps(routes)}}]}}

    return batch_get_item
