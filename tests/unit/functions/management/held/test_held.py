"""Held calls through the API: listed, tried now, given up; and the hosts to which they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.aws import client
from chatflow.conversation.held_calls import is_about_held_call
from chatflow.conversation.session import API, Pause, Waiting
from chatflow.integrations.holding import Held
from chatflow.integrations.host_health import lease
from management.dependencies import Dependencies
from tests.fakes.api_client import InMemoryAudit
from tests.fakes.conversation_tables import (
    KEY,
    NOW,
    ConversationTables,
    conversation_tables,
    message_event,
    session_of_contact,
)

HOST = "api.example.com:443"
CALL = Held("key", NOW - 600, NOW + 3600, "open", NOW + 15, tries=7, told=True, host=HOST)
SHOWN = {
    "host": HOST,
    "reason": "open",
    "since": "2026-11-22T17:50:00Z",
    "tries": 7,
    "next": "2026-11-22T18:00:15Z",
    "until": "2026-11-22T19:00:00Z",
    "told": True,
}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


class NoIntegrations:
    def page(self, kind: str, *, after: str = "", limit: int) -> list[Any]:
        return []

    def documents(self, ids: Any) -> dict[str, Any]:
        return {}


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


def last(audit: InMemoryAudit) -> Any:
    """The facts of the last row."""
    return list(audit.rows.values())[-1].facts


def waiting(call: Held = CALL) -> Waiting:
    return Waiting((API,), call.to_json(), call.next, own_deadline=True, since=4, visit=4)


def save_held(tables: ConversationTables, number: int = 0, call: Held = CALL, **more: Any) -> str:
    conversation = f"c_{number:032x}" if number else KEY
    event = {**message_event(id=f"wamid.{number}"), "conversation": conversation}
    tables.save(event, turn=1, conversation=conversation, node="upload", waiting=waiting(call), **more)
    return conversation


def test_what_is_held_is_listed_with_since_when_why_and_when_it_is_tried_again(
    viewer: Any, tables: ConversationTables
) -> None:
    save_held(tables)
    tables.save({**message_event(), "conversation": "c_" + "1" * 32}, turn=1, conversation="c_" + "1" * 32)
    (item,) = viewer("GET", "/held").body["items"]
    assert item == {
        "conversation": KEY, "session": "s_" + "a" * 24, "flow": "claims", "version": 3, "node": "upload", **SHOWN
    }  # fmt: skip
    assert viewer("GET", f"/conversations/{KEY}").body["session"]["held"] == SHOWN
    assert len(viewer("GET", "/held", query={"host": HOST}).body["items"]) == 1
    assert viewer("GET", "/held", query={"host": "other.example.com:443"}).body == {"items": [], "next": None}
    assert viewer("GET", "/held", query={"host": "no host"}).slug == "invalid-request"


@pytest.mark.parametrize(("path", "action"), [("retry", "retry"), ("give-up", "give_up")])
def test_one_held_call_gets_an_event_that_names_it(
    editor: Any, audit: InMemoryAudit, tables: ConversationTables, path: str, action: str
) -> None:
    save_held(tables)
    response = editor("POST", f"/held/{path}", {"conversation": KEY})
    assert response.status == 202
    (event,) = tables.sent
    assert (event["action"], event["by"] != "", event["wait"]) == (action, True, 4)
    assert response.body == {"sent": 1, "conversation": KEY, "event": event["id"], "next": None}
    assert is_about_held_call(event, session_of_contact(node="upload", waiting=waiting()))
    facts = last(audit)
    assert facts["node"] == "upload"
    assert facts.get("reason") == ("outage" if action == "give_up" else None)


@pytest.mark.parametrize("path", ["retry", "give-up"])
def test_the_action_on_the_session_is_the_same_as_that_on_its_held_call(
    editor: Any, tables: ConversationTables, path: str
) -> None:
    save_held(tables)
    editor("POST", f"/held/{path}", {"conversation": KEY})
    editor("POST", f"/conversations/{KEY}/{path}")
    one, other = ({name: value for name, value in event.items() if name != "id"} for event in tables.sent)
    assert one == other


@pytest.mark.slow
@pytest.mark.parametrize("path", ["retry", "give-up"])
def test_the_calls_of_a_host_get_their_events_page_by_page(
    editor: Any, audit: InMemoryAudit, tables: ConversationTables, path: str
) -> None:
    other = Held("key", NOW, NOW + 3600, "open", NOW + 15, host="bank.example.com:443")
    save_held(tables, 999, other)
    mine = {save_held(tables, number) for number in range(1, 103)}

    first = editor("POST", f"/held/{path}", {"host": HOST})
    assert (first.status, first.body["sent"], last(audit)["sessions"]) == (202, 100, 100)
    second = editor("POST", f"/held/{path}", {"host": HOST, "cursor": first.body["next"]})
    assert (second.body["sent"], second.body["next"]) == (2, None)
    assert sorted(event["conversation"] for event in tables.sent) == sorted(mine)
    assert last(audit)["host"] == HOST


@pytest.mark.parametrize("path", ["retry", "give-up"])
def test_what_is_not_held_gets_no_event(editor: Any, tables: ConversationTables, path: str) -> None:
    assert editor("POST", f"/held/{path}", {"conversation": KEY}).slug == "not-found"
    tables.save(message_event(), turn=1)
    assert editor("POST", f"/held/{path}", {"conversation": KEY}).slug == "not-held"
    paused = {"state": "paused", "paused": Pause(NOW, NOW + 86_400, "waiting", 15), "waiting": waiting()}
    tables.save(message_event(id="wamid.2"), turn=2, node="upload", **paused)
    assert editor("POST", f"/held/{path}", {"conversation": KEY}).slug == "not-held"
    assert editor("POST", f"/held/{path}", {"host": HOST}).body["sent"] == 0
    assert tables.sent == []


@pytest.mark.parametrize(
    "which",
    [
        {},
        {"conversation": KEY, "host": HOST},
        {"conversation": KEY, "cursor": "x"},
        {"host": "api.example.com"},
        {"host": HOST, "cursor": "x"},
        {"conversation": "16505551234"},
        {"host": HOST, "surprise": 1},
    ],
)
def test_a_request_names_either_a_conversation_or_a_host(editor: Any, tables: ConversationTables, which: Any) -> None:
    assert editor("POST", "/held/retry", which).slug == "invalid-request"


def test_a_viewer_reads_and_does_not_act(viewer: Any, tables: ConversationTables) -> None:
    save_held(tables)
    for path in ("retry", "give-up"):
        assert viewer("POST", f"/held/{path}", {"conversation": KEY}).slug == "forbidden"
    assert tables.sent == []


def test_hosts_are_listed_with_breaker_slots_and_what_is_held(
    viewer: Any, dependencies: Dependencies, tables: ConversationTables
) -> None:
    vars(dependencies)["published_index"] = NoIntegrations()
    save_held(tables)
    cell = {
        "cell": {"S": f"{HOST}#1"},
        "open_until": {"N": str(NOW + 4)},
        "leases": {"SS": [lease("a", NOW + 30), lease("b", NOW - 1)]},
    }
    client("dynamodb").put_item(TableName="hosts", Item=cell)
    (host,) = viewer("GET", "/hosts").body["items"]
    assert host == {
        "host": HOST,
        "breaker": "open",
        "until": "2026-11-22T18:00:04Z",
        "open_cells": 1,
        "cells": 3,
        "in_use": 1,
        "slots": 10,
        "held": 1,
        "integrations": [],
    }
