"""The erasure of a contact through the API: its access, its event, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.dynamodb.sessions import SessionEraser
from management.dependencies import Dependencies
from tests.fakes.api_client import InMemoryAudit
from tests.fakes.conversation_tables import CONTACT, KEY, NOW, ConversationTables, conversation_tables, message_event

WHOSE = {"channel": "whatsapp", "account": "106", "contact": f"+{CONTACT}"}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationTables]:
    with conversation_tables(monkeypatch) as tables:
        yield tables


@pytest.fixture
def dependencies(dependencies: Dependencies, tables: ConversationTables) -> Dependencies:
    return tables.dependencies(dependencies)


def test_an_erasure_is_an_event_without_an_address(admin: Any, tables: ConversationTables) -> None:
    response = admin("POST", "/contacts/erase", WHOSE)
    assert response.status == 202
    (event,) = tables.sent
    assert event == {"id": response.body["event"], "kind": "erase", "conversation": KEY, "at": NOW}
    assert response.body["asked_at"] == "2026-11-22T18:00:00Z"


def test_only_an_admin_may_erase(editor: Any, tables: ConversationTables) -> None:
    assert editor("POST", "/contacts/erase", WHOSE).status == 403
    assert tables.sent == []


def test_the_audit_knows_the_conversation_and_not_the_contact(
    admin: Any, tables: ConversationTables, audit: InMemoryAudit
) -> None:
    admin("POST", "/contacts/erase", WHOSE)
    (row,) = audit.rows.values()
    assert (row.operation, row.facts) == ("erase_contact", {"conversation": KEY})
    assert CONTACT not in str(row)


def test_the_result_of_an_erasure_can_be_read_after_it(viewer: Any, tables: ConversationTables) -> None:
    assert viewer("GET", f"/conversations/{KEY}/erasure").status == 404
    tables.save(message_event(), turn=1)
    SessionEraser("sessions", "waits").erase(KEY, lambda: True)
    SessionEraser("sessions", "waits").save_erasure(KEY, NOW, True, {"turns": 1, "files": 2})

    erasure = viewer("GET", f"/conversations/{KEY}/erasure").body

    assert (erasure["done"], erasure["asked_at"]) == (True, "2026-11-22T18:00:00Z")
    assert {word: count for word, count in erasure["removed"].items() if count} == {"turns": 1, "files": 2}
    assert viewer("GET", f"/conversations/{KEY}").status == 404
