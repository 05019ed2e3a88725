"""Pages of long transcripts: in order, nothing twice, nothing left out, and each costs what it shows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from management.dependencies import Dependencies
from tests.fakes.conversation_tables import KEY, NOW, ConversationTables, conversation_tables, message_event
from tests.fakes.dynamodb_costs import counted

SESSION = "s_" + "a" * 24
TURNS = f"/conversations/{KEY}/turns"
SAY = {"visit": 1, "flow": "claims", "node": "say", "phase": "enter", "exit": "sent", "waits": False}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


def a_turn(tables: ConversationTables, number: int, *, at: int = NOW, first_turn: int = 1) -> None:
    visits = [{**SAY, "effects": [{"effect": "say", "text": 700 * "x", "messages": [f"wamid.out.{number}"]}]}]
    tables.save(message_event(id=f"wamid.{number}"), turn=number, at=at, visits=visits, first_turn=first_turn)


def a_failure(tables: ConversationTables, event: str, turn: int, at: int) -> None:
    failure = {"kind": "message", "reason": "broken", "at": at, "session": SESSION, "turn": turn, "node": "ask"}
    tables.sessions.save_failure(KEY, event, {**failure, "flow": "claims"}, NOW + 86_400)


def pages(viewer: Any, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        body = viewer("GET", TURNS, query=query).body
        found += body["items"]
        if not body["next"]:
            return found
        query = {"limit": limit, "cursor": body["next"]}


@pytest.mark.parametrize("turns", [16, 80])
def test_a_first_page_costs_the_same_whatever_the_length_of_the_transcript(
    turns: int, viewer: Any, tables: ConversationTables
) -> None:
    for number in range(1, turns + 1):
        a_turn(tables, number, at=NOW + number)
    with counted(tables.client("dynamodb"), "sessions") as costs:
        page = viewer("GET", TURNS).body
    assert [each["turn"] for each in page["items"]] == list(range(1, len(page["items"]) + 1))
    assert page["next"]
    assert len(page["items"]) >= 10
    assert costs.read_units <= 20


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("first_turn", [1, 0], ids=["with lines", "of an earlier release"])
def test_the_pages_together_show_every_turn_once_and_every_failure_with_its_turn(
    seed: int, first_turn: int, viewer: Any, tables: ConversationTables
) -> None:
    choice = random.Random(seed)  # noqa: S311
    turns = 12
    for number in range(1, turns + 1):
        a_turn(tables, number, at=NOW + number // 3, first_turn=first_turn)
    without_turn = [f"lost.{number}" for number in range(3)]
    later = choice.sample(range(3, turns), 3)
    for event in (*without_turn, *(f"wamid.{number}" for number in later)):
        for _ in range(choice.randint(1, 2)):  # the last failure of an event counts
            a_failure(tables, event, turn=choice.randint(1, turns), at=NOW + choice.randint(0, 4))
    found = pages(viewer, choice.choice([1, 3, 5]))
    assert [each["turn"] for each in found if each["visits"]] == list(range(1, turns + 1))
    assert len(found) == turns + len(without_turn)
    assert {each["turn"] for each in found if each["visits"] and each["failure"]} == set(later)
    assert [each["turn"] for each in found] == sorted(each["turn"] for each in found)


def test_a_transcript_of_many_failures_shows_each(viewer: Any, tables: ConversationTables) -> None:
    a_turn(tables, 1)
    for number in range(45):
        a_failure(tables, f"lost.{number}", turn=1, at=NOW + number)
    found = pages(viewer, 20)
    assert len(found) == 46
    assert sum(1 for each in found if each["failure"]) == 45


def test_no_line_of_another_conversation_is_shown(viewer: Any, tables: ConversationTables) -> None:
    a_turn(tables, 1)
    assert viewer("GET", TURNS, query={"session": "s_" + "b" * 24}).body["items"] == []
