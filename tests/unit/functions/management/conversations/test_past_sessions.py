"""The list of a conversation's sessions: complete, in order, page by page, and each page costs what it shows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters.dynamodb.places import UnreadableSession
from chatflow.adapters.dynamodb.versions import VersionStore
from chatflow.conversation.events import Event, operator_event
from chatflow.conversation.identity import Alias, Links, Place, merged
from chatflow.conversation.session import Session
from chatflow.publishing.model import ROUTES, Entry, VersionChange
from management.dependencies import Dependencies
from management.http.times import rfc3339
from tests.benchmarks.growth import without_transactions
from tests.fakes.conversation_tables import (
    KEY,
    NOW,
    ConversationTables,
    conversation_tables,
    message_event,
    session_of_contact,
)
from tests.fakes.dynamodb_costs import counted
from tests.fakes.turns import ENDS, FakeConversation, begun, waits

CONVERSATION = f"/conversations/{KEY}"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables, without_transactions(tables.client("dynamodb")):
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


def rows(tables: ConversationTables, kind: str) -> list[dict[str, Any]]:
    found = tables.client("dynamodb").scan(TableName="sessions")["Items"]
    return [row for row in found if row["item"]["S"].startswith(kind)]


def stored_session(tables: ConversationTables) -> Session | None:
    found = rows(tables, "session")
    return Session.from_json(json.loads(found[0]["document"]["S"])) if found else None


def recorded(tables: ConversationTables) -> list[tuple[str, str, int, str]]:
    """The sessions that the records of all turns show, the newest first: session, flow, turns, and when it began."""
    found: dict[str, list[dict[str, Any]]] = {}
    records = [json.loads(row["document"]["S"]) for row in rows(tables, "turn#")]
    for turn in sorted((each for each in records if "flow" in each), key=lambda each: each["turn"]):
        if turn["session"]:
            found.setdefault(turn["session"], []).append(turn)
    return [
        (id, own[-1]["flow"], sum(bool(each["flow"]) for each in own), rfc3339(own[0]["at"]))
        for id, own in reversed(found.items())
    ]


def pages(viewer: Any, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = viewer("GET", f"{CONVERSATION}/sessions", query=query).body
        assert len(page["items"]) <= limit
        found += page["items"]
        if not page["next"]:
            return found
        query = {"limit": limit, "cursor": page["next"]}


def as_an_earlier_release_stored_it(tables: ConversationTables) -> None:
    """Without rows of past sessions, and without what the session says of them."""
    dynamodb = tables.client("dynamodb")
    for row in rows(tables, "past#"):
        dynamodb.delete_item(TableName="sessions", Key={"conversation": row["conversation"], "item": row["item"]})
    for row in rows(tables, "session"):
        stored = json.loads(row["document"]["S"])
        document = {name: each for name, each in stored.items() if name not in ("past_listed", "first_turn")}
        dynamodb.put_item(TableName="sessions", Item={**row, "document": {"S": json.dumps(document)}})


def publish_routes() -> None:
    versions = VersionStore("flows", "flows")
    entry = Entry("routes", ROUTES, "h", {"routes": [{"flow": "claims"}]})
    versions.switch([VersionChange(entry.id, versions.add(entry, "deploy", 1), 0)])


def an_event(choice: random.Random, number: int, session: Session | None) -> Event:
    started = begun(choice.choice(["claims", "other"]), unique=str(number), replace=True)
    wrote = message_event(id=f"wamid.{number}")
    if session is None or choice.random() < 0.7:
        return choice.choice([wrote, wrote, {**started, "conversation": KEY}])
    action = choice.choice(["stop", "pause", "resume", "retry"])
    return operator_event(f"{number}", KEY, session.session, session.turn, action=action, by="olga@example.com")  # type: ignore[arg-type]


@pytest.mark.parametrize("upgraded_after", [0, 9, 24], ids=["new", "upgraded", "of an earlier release"])
def test_the_pages_together_show_every_session_once_in_order(
    upgraded_after: int, viewer: Any, tables: ConversationTables
) -> None:
    choice = random.Random(upgraded_after)  # noqa: S311
    publish_routes()
    played = FakeConversation(flows=["claims", "other"], now=NOW)
    played.sessions = tables.sessions  # type: ignore[assignment]
    for number in range(24):
        played.answers = [choice.choice([waits(), ENDS]) for _ in range(10)]
        played.process(an_event(choice, number, stored_session(tables)))
        played.now += choice.choice([0, 1, 60])
        if number == upgraded_after - 1:
            as_an_earlier_release_stored_it(tables)
    expected = recorded(tables)
    assert len(expected) > 6
    for limit in (2, 100):
        found = [(each["session"], each["flow"], each["turns"], each["started_at"]) for each in pages(viewer, limit)]
        assert found == expected
    shown = viewer("GET", CONVERSATION).body
    assert [each["session"] for each in shown["sessions"]] == [each[0] for each in expected[:25]]
    assert {each["state"] for each in shown["sessions"][1:]} == {"ended"}
    assert shown["sessions"][0]["state"] == shown["session"]["state"]


def a_conversation(tables: ConversationTables, sessions: int, *, turns: int = 1) -> None:
    """So many sessions of some turns each, one after the other."""
    visit = {"visit": 1, "flow": "claims", "node": "say", "phase": "enter", "exit": "sent", "waits": False}
    record = {
        "event": {"kind": "message"},
        "flow": "claims",
        "visits": [{**visit, "effects": 2 * [{"text": 700 * "x"}]}],
    }
    before: Place | None = None
    for number in range(sessions * turns):
        id, first = f"s_{number // turns:024}", number - number % turns + 1
        session = session_of_contact(
            session=id, turn=number + 1, first_turn=first, started_at=NOW + first, past_listed=True
        )
        written = {**record, "session": id, "turn": number + 1, "at": NOW + number}
        tables.sessions.save(session, f"wamid.{number}", written, NOW + number, Links(before))
        before = Place(session.turn, session, updated_at=NOW + number)


@pytest.mark.parametrize("sessions", [27, 54])
def test_a_conversation_costs_the_same_to_show_however_many_sessions_it_had(
    sessions: int, viewer: Any, tables: ConversationTables
) -> None:
    a_conversation(tables, sessions)
    with counted(tables.client("dynamodb"), "sessions") as costs:
        shown = viewer("GET", CONVERSATION).body
    assert (len(shown["sessions"]), shown["sessions_next"] is None) == (25, False)
    assert costs.read_units <= 3
    with counted(tables.client("dynamodb"), "sessions") as costs:
        page = viewer("GET", f"{CONVERSATION}/sessions", query={"cursor": shown["sessions_next"]}).body
    assert page["items"][0]["session"] == f"s_{sessions - 26:024}"
    assert costs.read_units <= 3


def test_a_few_sessions_of_many_turns_cost_no_more(viewer: Any, tables: ConversationTables) -> None:
    a_conversation(tables, 2, turns=12)
    with counted(tables.client("dynamodb"), "sessions") as costs:
        shown = viewer("GET", CONVERSATION).body
    assert [each["turns"] for each in shown["sessions"]] == [12, 12]
    assert shown["sessions_next"] is None
    assert costs.read_units <= 3


@pytest.mark.parametrize(("state", "turns"), [("waiting", {"2": 9, "1": 3}), ("ended", {"1": 4, "2": 8})])
def test_a_session_that_an_adoption_ends_is_listed(
    state: Any, turns: dict[str, int], viewer: Any, tables: ConversationTables
) -> None:
    """The session of the new key goes on, or that of the old one if the other has ended."""
    old, new = "s_" + "1" * 24, "s_" + "2" * 24
    arriving = session_of_contact(session=old, turn=5, first_turn=3, past_listed=True, conversation="c_" + "0" * 32)
    current = session_of_contact(session=new, state=state, turn=9, first_turn=2, past_listed=True)
    together = merged(current, arriving, KEY, arriving.conversation)
    adopting = replace(together, turn=together.turn + 1)
    moved = Place(6, arriving, moved_to=KEY, claimed_at=NOW + 5)
    links = Links(
        Place(9, current, updated_at=NOW), (Alias(arriving.conversation, replace(moved, session=None), moved),)
    )
    record = {
        "session": adopting.session,
        "turn": adopting.turn,
        "at": NOW + 9,
        "event": {"kind": "adopt"},
        "flow": "claims",
    }
    dynamodb = tables.client("dynamodb")
    for key, turn in ((KEY, 9), (arriving.conversation, 6)):
        item = {"conversation": {"S": key}, "item": {"S": "session"}, "turn": {"N": str(turn)}}
        alias = {"moved_to": {"S": KEY}} if key != KEY else {}
        dynamodb.put_item(TableName="sessions", Item={**item, **alias})
    tables.sessions.save(adopting, "adopt.1", record, NOW + 9, links)
    shown = viewer("GET", CONVERSATION).body["sessions"]
    assert {each["session"][-1]: each["turns"] for each in shown} == turns
    assert shown[0]["session"] == adopting.session


def test_a_session_that_could_not_be_read_and_was_stopped_stays_in_the_list(
    viewer: Any, tables: ConversationTables
) -> None:
    a_conversation(tables, 2)
    broken = UnreadableSession("x", f"s_{1:024}", 2, "claims", 1, "ask", NOW + 1, NOW + 1)
    tables.sessions.remove_unreadable(KEY, broken, NOW + 10**6)
    session = session_of_contact(session="s_" + "e" * 24, first_turn=1, past_listed=True)
    record = {"session": session.session, "turn": 1, "at": NOW + 30, "event": {"kind": "message"}, "flow": "claims"}
    tables.sessions.save(session, "wamid.new", record, NOW + 30, Links())
    shown = viewer("GET", CONVERSATION).body["sessions"]
    assert [(each["session"][-1], each["turns"]) for each in shown] == [("e", 1), ("1", None), ("0", 1)]


@pytest.mark.parametrize("cursor", ["", "nonsense", "eyJiZWZvcmUiOiJ4In0", "eyJhZnRlciI6IngifQ"])
def test_a_cursor_of_another_list_is_refused(cursor: str, viewer: Any, tables: ConversationTables) -> None:
    a_conversation(tables, 1)
    assert viewer("GET", f"{CONVERSATION}/sessions", query={"cursor": cursor}).status == 422


def test_the_sessions_of_an_unknown_conversation_are_not_found(viewer: Any, tables: ConversationTables) -> None:
    assert viewer("GET", f"{CONVERSATION}/sessions").slug == "not-found"
