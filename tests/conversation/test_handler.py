"""What the conversation's Lambda does with a turn that failed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.errors import InDoubt, TurnFailed
from conversation import handler

RECORD = {
    "body": json.dumps({"id": "wamid.1", "kind": "message", "conversation": "c_ann", "contact": "16505551234"}),
    "attributes": {"ApproximateReceiveCount": "2"},
    "receiptHandle": "r1",
}


@pytest.fixture
def hastened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(handler, "_world", lambda: None)
    monkeypatch.setattr(handler.queue, "hasten", lambda *given: calls.append(given))
    return calls


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def take(*_: Any) -> str:
        raise error

    monkeypatch.setattr(handler, "take_turn", take)


def test_a_failed_turn_comes_again_soon(monkeypatch: pytest.MonkeyPatch, hastened: list[tuple[Any, ...]]) -> None:
    fail_with(monkeypatch, TurnFailed("timed out"))
    with pytest.raises(TurnFailed):
        handler.lambda_handler({"Records": [RECORD]}, None)
    assert [(handle, received) for _, handle, received in hastened] == [("r1", 2)]


def test_a_turn_that_may_still_be_running_is_not_begun_a_second_time_beside_it(
    monkeypatch: pytest.MonkeyPatch, hastened: list[tuple[Any, ...]]
) -> None:
    fail_with(monkeypatch, InDoubt("no answer"))
    with pytest.raises(InDoubt):
        handler.lambda_handler({"Records": [RECORD]}, None)
    assert hastened == []
