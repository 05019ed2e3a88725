"""Erasing a contact through the API: who may, what is sent, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters.dynamodb.sessions import SessionEraser
from management.dependencies import Dependencies
from tests.fakes.operating import CONTACT, KEY, NOW, Deployment, deployed, wrote

WHOSE = {"channel": "whatsapp", "account": "106", "contact": f"+{CONTACT}"}


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as made:
        yield made


@pytest.fixture
def dependencies(dependencies: Dependencies, deployment: Deployment) -> Dependencies:
    return deployment.dependencies(dependencies)


def test_an_erasure_is_an_event_without_an_address(admin: Any, deployment: Deployment) -> None:
    answer = admin("POST", "/contacts/erase", WHOSE)
    assert answer.status == 202
    (event,) = deployment.sent
    assert event == {"id": answer.body["event"], "kind": "erase", "conversation": KEY, "at": NOW}
    assert answer.body["asked_at"] == "2026-11-22T18:00:00Z"


def test_only_an_admin_may_erase(editor: Any, deployment: Deployment) -> None:
    assert editor("POST", "/contacts/erase", WHOSE).status == 403
    assert deployment.sent == []


def test_the_audit_knows_the_conversation_and_not_the_contact(
    admin: Any, deployment: Deployment, dependencies: Dependencies
) -> None:
    admin("POST", "/contacts/erase", WHOSE)
    (row,) = dependencies.audit.kept.values()  # type: ignore[attr-defined]
    assert (row.operation, row.facts) == ("erase_contact", {"conversation": KEY})
    assert CONTACT not in str(row)


def test_what_was_erased_can_be_read_when_the_conversation_is_gone(viewer: Any, deployment: Deployment) -> None:
    assert viewer("GET", f"/conversations/{KEY}/erasure").status == 404
    deployment.save(wrote(), turn=1)
    SessionEraser("sessions", "waits").erase(KEY, lambda: True)
    SessionEraser("sessions", "waits").save_erasure(KEY, NOW, True, {"turns": 1, "files": 2})

    told = viewer("GET", f"/conversations/{KEY}/erasure").body

    assert (told["done"], told["asked_at"]) == (True, "2026-11-22T18:00:00Z")
    assert {word: count for word, count in told["removed"].items() if count} == {"turns": 1, "files": 2}
    assert viewer("GET", f"/conversations/{KEY}").status == 404
