"""Whatever row of a conversation is broken in whatever way: every operation answers, for it and for the others."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.dynamodb.failed_runs import FailedRuns
from chatflow.adapters.dynamodb.flows import PublishedFlows
from chatflow.adapters.dynamodb.sessions import SessionEraser, SessionStore
from chatflow.conversation.events import Event
from conversation.run_turn import Dependencies as TurnDependencies
from conversation.run_turn import run_turn
from management.dependencies import Dependencies
from tests.contract.test_stored_shapes import broken
from tests.fakes.conversation_tables import CONTACT, KEY, NOW, ConversationTables, conversation_tables, message_event
from tests.fakes.node_types import TASK_TYPES

BOB = "c_" + "b" * 32
VISIT = {"node": "ask", "visit": 1, "effects": [{"effect": "ask", "messages": ["wamid.9"], "key": f"media/{KEY}/x"}]}
FAILURE = {"kind": "message", "reason": "it broke", "at": NOW, "session": "s_" + "a" * 24, "turn": 1, "node": "ask"}
ROWS = ("session", "turn#wamid.1", "letter#wamid.2", "erased", "runs#wamid.2", "something of a later release")
WRONG_ATTRIBUTES: tuple[Any, ...] = ({"S": "x"}, {"S": ""}, {"N": "1.5"}, {"N": "9" * 30}, {"NULL": True}, {"M": {}})
# Broken forms of each row that are tried, spread over all of them; each means eight requests.
_FORMS = pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.slow)])


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


@pytest.fixture
def two_conversations(tables: ConversationTables) -> ConversationTables:
    """Ann's, of which rows will be broken, and Bob's."""
    tables.save(message_event(id="wamid.1"), turn=1, visits=[VISIT], variables={"plate": "B AB 1234"})
    tables.sessions.save_failure(KEY, "wamid.2", {**FAILURE, "flow": "claims"}, NOW + 86_400)
    SessionEraser("sessions", "waits").save_erasure(KEY, 5, True, {"turns": 3})
    FailedRuns("sessions").begin(KEY, "wamid.2")
    later = {"conversation": {"S": KEY}, "item": {"S": ROWS[-1]}, "document": {"S": "{}"}}
    tables.client("dynamodb").put_item(TableName="sessions", Item=later)
    tables.put_dead_letter(message_event("answer", id="wamid.2"))
    for row in rows(tables, KEY):
        if row["item"]["S"] in ("session", "turn#wamid.1"):
            document = json.loads(row["document"]["S"])
            if "conversation" in document:
                document["conversation"] = BOB
            copy = {**row, "conversation": {"S": BOB}, "document": {"S": json.dumps(document)}}
            if "listed_at" in copy:
                copy["listed_at"] = {"S": f"{NOW:010d}#{BOB}"}
            tables.client("dynamodb").put_item(TableName="sessions", Item=copy)
    return tables


def rows(tables: ConversationTables, conversation: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables.client("dynamodb").scan(TableName="sessions")["Items"]
    return [row for row in found if row["conversation"]["S"] == conversation]


def broken_forms(row: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """`count` forms of the row: attributes left out or of a wrong type, and the document broken at any place."""
    keys = ("conversation", "item", "listed_at", "state")  # DynamoDB itself holds these to their types
    forms: list[dict[str, Any]] = []
    for name in sorted(row.keys() - set(keys)):
        forms.append({other: value for other, value in row.items() if other != name})
        forms += [{**row, name: wrong} for wrong in WRONG_ATTRIBUTES]
    whole = row.get("document", {"S": "{}"})["S"]
    forms += [{**row, "document": {"S": text}} for text in ("", "[]", "null", whole[:-1], "[" * 5_000)]
    forms += [{**row, "document": {"S": json.dumps(each)}} for each in broken(json.loads(whole))]
    return random.Random(str(row["item"]["S"])).sample(forms, min(count, len(forms)))  # noqa: S311


@_FORMS
@pytest.mark.parametrize("item", ROWS)
def test_a_broken_row_takes_nobody_down(
    viewer: Any, editor: Any, two_conversations: ConversationTables, item: str, count: int
) -> None:
    tables = two_conversations
    (row,) = [row for row in rows(tables, KEY) if row["item"]["S"] == item]
    for form in broken_forms(row, count):
        tables.client("dynamodb").put_item(TableName="sessions", Item=form)
        shown = str(form)[:300]

        listed = viewer("GET", "/sessions")
        assert listed.status == 200, shown
        assert BOB in [session["conversation"] for session in listed.body["items"]], shown
        letters = viewer("GET", "/dead-letters")
        assert letters.status == 200, shown
        assert [letter["id"] for letter in letters.body["items"] if letter["reason"]], shown
        for conversation in (KEY, BOB):
            response = viewer("GET", f"/conversations/{conversation}")
            assert response.status == 200, shown
            turns = viewer("GET", f"/conversations/{conversation}/turns")
            assert turns.status == 200, shown
        stopped = editor("POST", f"/conversations/{KEY}/stop")
        assert stopped.status in (202, 409), shown
        if stopped.status == 409:
            assert stopped.slug == "session-not-running", shown
        assert viewer("GET", f"/conversations/{KEY}/erasure").status in (200, 404), shown


@_FORMS
@pytest.mark.parametrize("item", ROWS)
def test_a_broken_row_is_erased(two_conversations: ConversationTables, item: str, count: int) -> None:
    tables = two_conversations
    (row,) = [row for row in rows(tables, KEY) if row["item"]["S"] == item]
    for form in broken_forms(row, count):
        tables.client("dynamodb").put_item(TableName="sessions", Item=form)
        eraser = SessionEraser("sessions", "waits")
        eraser.last_erasure(KEY)
        eraser.erase(KEY, lambda: True)
        assert {row["item"]["S"] for row in rows(tables, KEY)} <= {"erased"}, str(form)[:300]


def turn_of(tables: ConversationTables, event: Event) -> str:
    dependencies = TurnDependencies(
        sessions=SessionStore("sessions", "flows"),
        flows=PublishedFlows("flows"),
        run_machine=lambda _name, given: {"status": "ended", "variables": {}, "visits": given["visits"], "trail": []},
        task_types=TASK_TYPES,
        schedule=lambda _deadline, _event: None,
        queue=lambda _event: None,
        erase=lambda _conversation, _at, _keys: None,
        runs=FailedRuns("sessions"),
        dead_letter=lambda _event: None,
    )
    return run_turn(event, dependencies)


def test_an_unreadable_session_is_listed_shown_and_stopped_and_the_customer_begins_anew(
    viewer: Any, editor: Any, two_conversations: ConversationTables
) -> None:
    tables = two_conversations
    (row,) = [row for row in rows(tables, KEY) if row["item"]["S"] == "session"]
    tables.client("dynamodb").put_item(TableName="sessions", Item={**row, "schema": {"N": "0"}})
    with pytest.raises(Exception, match="no release wrote its schema version"):
        turn_of(tables, message_event(id="wamid.5"))

    (listed,) = viewer("GET", "/sessions", query={"state": "unreadable"}).body["items"]
    reason = "the stored session cannot be read: no release wrote its schema version"
    assert (listed["conversation"], listed["reason"], listed["flow"]) == (KEY, reason, "claims")
    session = viewer("GET", f"/conversations/{KEY}").body["session"]
    assert (session["state"], session["reason"], session["at"]) == ("unreadable", reason, "ask")
    assert editor("POST", f"/conversations/{KEY}/retry").slug == "session-unreadable"
    for private in (CONTACT, "Ann", "B AB 1234"):
        assert private not in viewer("GET", "/sessions", query={"state": "unreadable"}).text

    assert editor("POST", f"/conversations/{KEY}/stop").status == 202
    assert turn_of(tables, tables.sent[-1]) == "ended"
    assert viewer("GET", "/sessions", query={"state": "unreadable"}).body["items"] == []
    assert turn_of(tables, message_event(id="wamid.6")) == "ended"
    assert viewer("GET", f"/conversations/{KEY}").body["session"]["state"] == "ended"
