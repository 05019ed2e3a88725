"""Dead letters through the API: listed with their reasons, redriven with their guard, refused when stale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters.dead_letters import QueuedDeadLetter
from chatflow.adapters.dynamodb.transcripts import FailedEvent, StoredSession
from chatflow.conversation.deadlines import Timer
from chatflow.conversation.events import timeout_event
from chatflow.conversation.session import Session, Waiting
from management.dead_letters.service import event_to_redrive
from management.dependencies import Dependencies
from tests.fakes.conversation_tables import CONTACT, KEY, NOW, ConversationTables, conversation_tables, message_event


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


FAILED = message_event("answer", id="wamid.2")
LETTER = {
    "kind": "message",
    "reason": "the turn's execution ended FAILED: KeyError",
    "at": NOW + 3,
    "session": "s_" + "a" * 24,
    "turn": 1,
    "node": "ask",
    "flow": "claims",
}


def dead(tables: ConversationTables, *, reason: bool = True) -> None:
    tables.save(message_event("one"), turn=1)
    if reason:
        tables.sessions.save_failure(KEY, "wamid.2", LETTER, NOW + 86_400)
    tables.put_dead_letter(FAILED)


def the_letter(viewer: Any) -> dict[str, Any]:
    (letter,) = viewer("GET", "/dead-letters").body["items"]
    only: dict[str, Any] = letter
    return only


def test_a_letter_is_listed_with_its_reason_and_without_its_contact(viewer: Any, tables: ConversationTables) -> None:
    dead(tables)
    response = viewer("GET", "/dead-letters")

    (letter,) = response.body["items"]
    shown = {name: letter[name] for name in ("queue", "conversation", "kind", "at", "reason", "turn", "node", "state")}
    assert shown == {
        "queue": "events",
        "conversation": KEY,
        "kind": "message",
        "at": "2026-11-22T18:00:03Z",
        "reason": LETTER["reason"],
        "turn": 1,
        "node": "ask",
        "state": "dead",
    }
    assert response.body["hidden"] == 0
    for private in (CONTACT, "wamid", "Ann", "answer"):
        assert private not in response.text


def test_a_redriven_letter_has_the_position_of_its_failure(
    viewer: Any, editor: Any, tables: ConversationTables
) -> None:
    dead(tables)
    letter = the_letter(viewer)

    response = editor("POST", f"/dead-letters/{letter['id']}/redrive")

    assert response.status == 202
    assert response.body == {"conversation": KEY, "event": letter["event"]}
    assert tables.queued() == [{**FAILED, "fence": {"session": LETTER["session"], "node": "ask", "wait": 0}}]
    assert viewer("GET", "/dead-letters").body["items"] == []


def test_a_letter_whose_session_moved_on_is_stale_and_stays(
    viewer: Any, editor: Any, tables: ConversationTables
) -> None:
    dead(tables)
    tables.save(message_event("three", id="wamid.3"), turn=2, at=NOW + 9, node="upload")
    letter = the_letter(viewer)
    assert (letter["state"], letter["stale"]) == ("stale", "its session has left the node ask, or waits there anew")

    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").slug == "stale-letter"
    assert tables.queued() == []
    assert the_letter(viewer)["id"] == letter["id"]

    assert editor("DELETE", f"/dead-letters/{letter['id']}").status == 204
    assert viewer("GET", "/dead-letters").body["items"] == []


def test_what_the_customer_wrote_behind_a_letter_leaves_it_applicable(
    viewer: Any, editor: Any, tables: ConversationTables
) -> None:
    dead(tables)
    tables.save(message_event("hello?", id="wamid.3"), turn=2, at=NOW + 9)
    letter = the_letter(viewer)
    assert letter["state"] == "dead"
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").status == 202


def test_a_letter_without_a_reason_is_guarded_by_the_present_session_if_unchanged(
    viewer: Any, editor: Any, tables: ConversationTables
) -> None:
    tables.save(message_event("one"), turn=1, at=1_000)  # long before the letter was set aside
    tables.put_dead_letter(FAILED)
    letter = the_letter(viewer)
    assert letter["reason"].startswith("not recorded: SQS moved the event after its last receive")
    assert (letter["session"], letter["state"], letter["stale"]) == (None, "dead", None)
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").status == 202
    assert tables.queued()[0]["fence"] == {"session": "s_" + "a" * 24, "node": "ask", "wait": 0}


def test_a_letter_without_a_reason_is_stale_if_its_session_was_saved_since(
    viewer: Any, editor: Any, tables: ConversationTables
) -> None:
    tables.put_dead_letter(FAILED)
    tables.save(message_event("one"), turn=1, at=4_000_000_000)
    letter = the_letter(viewer)
    assert letter["state"] == "stale"
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").slug == "stale-letter"


def test_a_letter_whose_event_had_its_turn_is_marked_as_taken(viewer: Any, tables: ConversationTables) -> None:
    tables.save(FAILED, turn=1)
    tables.put_dead_letter(FAILED)
    assert the_letter(viewer)["state"] == "taken"


def test_an_unreadable_letter_can_be_deleted_and_not_redriven(
    viewer: Any, editor: Any, tables: ConversationTables
) -> None:
    tables.put_dead_letter("nonsense")
    letter = the_letter(viewer)
    assert (letter["state"], letter["conversation"]) == ("unreadable", KEY)
    assert letter["reason"] == "the queued event cannot be read: it is no JSON object"
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").slug == "stale-letter"
    assert editor("DELETE", f"/dead-letters/{letter['id']}").status == 204


def test_a_delivery_status_is_never_stale(viewer: Any, editor: Any, tables: ConversationTables) -> None:
    event = {"id": "status#wamid.9", "kind": "status", "conversation": KEY, "message_id": "wamid.9"}
    tables.put_dead_letter(event)
    tables.save(message_event("one"), turn=1, at=4_000_000_000)
    letter = the_letter(viewer)
    assert editor("POST", f"/dead-letters/{letter['id']}/redrive").status == 202
    assert [queued["id"] for queued in tables.queued()] == [event["id"]]


def test_a_timer_that_was_not_forwarded_applies_while_its_session_waits() -> None:
    """A delayed message keeps the time at which it was sent: just before the session was saved."""
    timer = timeout_event(KEY, "s_1", 3, NOW + 600)
    letter = QueuedDeadLetter("s-1", "schedules", timer, moved_at=NOW, error="", handle="h")

    def session(turn: int) -> StoredSession:
        waiting = Waiting(("text",), {}, NOW + 600, own_deadline=False)
        return StoredSession(
            Session(KEY, "whatsapp", "106", CONTACT, session="s_1", turn=turn, state="waiting", waiting=waiting),
            NOW + 1,
        )

    unknown = FailedEvent(failure=None, processed=False)
    assert event_to_redrive(letter, unknown, session(turn=3)) == timer
    assert event_to_redrive(letter, unknown, session(turn=4)) is None


@pytest.mark.parametrize(("set_at", "stale"), [(NOW + 600, False), (NOW + 700, True)])
def test_a_timer_of_an_earlier_turn_applies_while_its_session_relies_on_it(set_at: int, stale: bool) -> None:
    timer = timeout_event(KEY, "s_1", 3, NOW + 600)
    letter = QueuedDeadLetter("s-1", "schedules", timer, moved_at=NOW, error="", handle="h")
    waiting = Waiting(("text",), {}, NOW + 700, own_deadline=False)
    session = Session(KEY, "whatsapp", "106", CONTACT, session="s_1", turn=5, state="waiting", waiting=waiting)
    stored = StoredSession(replace(session, timer=Timer(set_at, set_at)), NOW + 1)
    found = event_to_redrive(letter, FailedEvent(failure=None, processed=False), stored)
    assert found == (None if stale else timer)


def test_letters_are_listed_page_by_page(viewer: Any, tables: ConversationTables) -> None:
    for number in range(5):
        tables.put_dead_letter(message_event(id=f"wamid.{number}"))
    first = viewer("GET", "/dead-letters", query={"limit": 3}).body
    second = viewer("GET", "/dead-letters", query={"limit": 3, "cursor": first["next"]}).body
    assert len({letter["id"] for letter in first["items"] + second["items"]}) == 5
    assert second["next"] is None


@pytest.mark.parametrize("letter", ["e-nothing", "s-nothing"])
def test_an_unknown_letter_is_not_found(editor: Any, tables: Any, letter: str) -> None:
    assert editor("POST", f"/dead-letters/{letter}/redrive").slug == "not-found"
    assert editor("DELETE", f"/dead-letters/{letter}").slug == "not-found"
    assert editor("DELETE", "/dead-letters/nonsense").status == 422
