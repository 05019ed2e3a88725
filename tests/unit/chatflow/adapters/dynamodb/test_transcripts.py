"""Lists of sessions and histories of conversations, on DynamoDB as moto plays it."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.dynamodb import deliveries
from chatflow.adapters.dynamodb import listed_sessions as module
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.adapters.dynamodb.transcripts import Transcripts
from chatflow.conversation.listing import shard
from chatflow.conversation.session import Session
from chatflow.messages import Delivery
from tests.fakes.aws_account import create_table

NOW = 1_760_000_000
ALL = ("waiting", "continuing", "paused", "ended")


@pytest.fixture
def sessions(aws_account: Any, table: Any) -> SessionStore:
    create_table("sessions", "conversation", "item", by_state=("state", "listed_at"))
    return SessionStore("sessions", table("flows", "name", "item"))


@pytest.fixture
def transcripts(sessions: SessionStore, table: Any) -> Transcripts:
    return Transcripts("sessions", table("deliveries", "message"))


def save(
    sessions: SessionStore, who: str, at: int, *, state: Any = "ended", flow: str = "claims", turn: int = 1
) -> None:
    session = Session(
        conversation=f"c_{who}",
        channel="whatsapp",
        account="106",
        contact="16505551234",
        turn=turn,
        session=f"s_{who}",
        state=state,
        flow=flow,
        version=2,
        started_at=NOW,
    )
    record = {"session": f"s_{who}", "turn": turn, "event": {"kind": "message"}, "at": at, "flow": flow}
    sessions.save(session, f"wamid.{who}.{turn}", record, at)


def walked(transcripts: Transcripts, states: tuple[str, ...], limit: int, **filters: Any) -> list[str]:
    """Every session of a list, page by page."""
    found: list[str] = []
    before = ""
    for _ in range(100):
        items, before = transcripts.sessions(states, before=before, limit=limit, **filters)
        assert len(items) <= limit
        found += [item.conversation for item in items]
        if not before:
            return found
    raise AssertionError("the list has no end")


def test_dynamodb_lists_sessions_as_the_tests_of_lists_assume(
    sessions: SessionStore, transcripts: Transcripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other property of a list is tested in test_listed_sessions.py, on a table in memory."""
    monkeypatch.setattr(module, "_EVALUATED", 1)
    for number in range(9):
        save(sessions, f"{number:02d}", NOW + number, state=ALL[number % 3], flow="survey" if number < 3 else "claims")
    assert walked(transcripts, ("waiting", "ended"), 3) == ["c_06", "c_03", "c_00"]
    assert walked(transcripts, ("waiting", "paused"), 2, flow="survey") == ["c_02", "c_00"]
    assert walked(transcripts, ("continuing",), 9, since=NOW + 3, until=NOW + 6) == ["c_04"]
    assert transcripts.count_running("survey") == 3
    assert transcripts.sessions(ALL, before=f"{NOW - 90_000}~", since=NOW, limit=3) == ([], "")


def test_a_session_that_moves_on_stands_in_its_new_state_alone(
    sessions: SessionStore, transcripts: Transcripts
) -> None:
    save(sessions, "ann", NOW, state="waiting")
    save(sessions, "ann", NOW + 5, state="ended", turn=2)
    assert walked(transcripts, ("waiting",), 10) == []
    (item,), _ = transcripts.sessions(("ended",), limit=10)
    assert (item.session, item.flow, item.version, item.turn) == ("s_ann", "claims", 2, 2)
    assert (item.started_at, item.updated_at) == (NOW, NOW + 5)


def test_no_address_and_nothing_that_was_said_stands_in_the_index(sessions: SessionStore, aws_account: Any) -> None:
    from infrastructure.data.storage import SESSION_SUMMARY

    save(sessions, "ann", NOW, state="waiting")
    (item,) = aws_account("dynamodb").query(
        TableName="sessions",
        IndexName="by_state",
        KeyConditionExpression="#state = :waiting",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":waiting": {"S": f"waiting#{shard('c_ann')}"}},
    )["Items"]
    projected = {name: item[name] for name in item if name in [*SESSION_SUMMARY, "conversation", "item", "state"]}
    assert "16505551234" not in str(projected)
    assert {"session", "flow", "version", "at", "turn", "updated_at", "started_at"} <= projected.keys()


def test_a_conversations_history_is_in_the_order_of_its_turns(sessions: SessionStore, transcripts: Transcripts) -> None:
    save(sessions, "ann", NOW, state="waiting")
    note = {"session": "s_ann", "turn": 1, "event": {"kind": "status"}, "at": NOW + 1}
    sessions.save_note("c_ann", "status#1", note, NOW + 86_400)
    save(sessions, "ann", NOW + 2, turn=2)
    history = transcripts.history("c_ann")

    assert [(entry.turn, entry.kind) for entry in history] == [(1, "message"), (1, "status"), (2, "message")]
    records = transcripts.records("c_ann", [entry.item for entry in history])
    found = [records[entry.item] for entry in history]
    assert [record["at"] for record in found if isinstance(record, dict)] == [NOW, NOW + 1, NOW + 2]


def test_a_conversation_that_nobody_knows_is_empty(transcripts: Transcripts) -> None:
    assert transcripts.newest("c_nobody") is None
    assert transcripts.history("c_nobody") == []
    assert transcripts.failures("c_nobody") == []
    assert transcripts.newest_of(["c_nobody"]) == {}


def test_a_history_of_more_keys_than_one_read_takes_is_read_whole(
    sessions: SessionStore, transcripts: Transcripts
) -> None:
    for number in range(130):
        record = {"session": "s_ann", "turn": number, "event": {"kind": "status"}, "at": NOW}
        sessions.save_note("c_ann", f"status#{number}", record, NOW + 86_400)
    items = [entry.item for entry in transcripts.history("c_ann")]
    assert len(transcripts.records("c_ann", items)) == 130


def test_what_is_known_of_dead_events(sessions: SessionStore, transcripts: Transcripts) -> None:
    letter = {"kind": "message", "session": "s_1", "turn": 3, "flow": "claims", "node": "ask", "at": NOW, "wait": 2}
    sessions.save_failure("c_ann", "wamid.x", {**letter, "reason": "it broke"}, NOW + 86_400)
    save(sessions, "ann", NOW)
    known = transcripts.failed_events([("c_ann", "wamid.x"), ("c_ann", "wamid.ann.1"), ("c_bob", "wamid.x")])

    assert known["c_ann", "wamid.x"].failure == {**letter, "reason": "it broke"}
    assert [each.processed for each in known.values()] == [False, True, False]
    assert known["c_bob", "wamid.x"].failure is None
    assert transcripts.failures("c_ann") == [{**letter, "reason": "it broke", "event": "wamid.x"}]


def test_what_became_of_messages_is_found_by_their_ids(transcripts: Transcripts) -> None:
    failed = Delivery("wamid.1", "whatsapp", "106", "1650", "failed", NOW, 131026, "not on WhatsApp")
    deliveries.record("deliveries", failed, "c_ann")
    assert transcripts.statuses("whatsapp", "106", ["wamid.1", "wamid.2", "wamid.1"]) == {
        "wamid.1": {"status": "failed", "at": NOW, "code": 131026, "explanation": "not on WhatsApp", "reason": ""}
    }
    assert transcripts.statuses("whatsapp", "106", []) == {}
