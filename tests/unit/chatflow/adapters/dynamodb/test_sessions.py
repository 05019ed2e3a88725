"""The store of sessions, on DynamoDB as moto plays it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.conversation.session import Pause, Session, Waiting
from chatflow.errors import TurnFailed

RECORD: dict[str, Any] = {"session": "s_1", "turn": 1, "event": {"kind": "message"}}
NOW = 1_760_000_000


@pytest.fixture
def sessions(table: Any) -> SessionStore:
    return SessionStore(table("sessions", "conversation", "item"), table("flows", "name", "item"))


def a_session(turn: int = 1) -> Session:
    waiting = Waiting(("media",), {"attempt": 2}, NOW + 600, own_deadline=False)
    return Session(
        conversation="c_ann",
        channel="whatsapp",
        account="106",
        contact="1650",
        turn=turn,
        session="s_1",
        state="waiting",
        waiting=waiting,
        variables={"one": ["only"], "claim": {"amount": 12.5}},
        pending=({"id": "wamid.2"},),
    )


def test_a_session_comes_back_as_it_was_saved(sessions: SessionStore) -> None:
    sessions.save(a_session(), "wamid.1", RECORD, NOW)
    assert sessions.load("c_ann", "wamid.9").session == a_session()


def test_a_paused_session_comes_back_as_it_was_saved(sessions: SessionStore) -> None:
    event = {"id": "scan#1", "kind": "scan"}
    pause = Pause(NOW, NOW + 86_400, "waiting", 500, pending=({"id": "wamid.2"},), kept=(event,))
    session = replace(a_session(), state="paused", paused=pause, resumed_at=NOW - 1)
    sessions.save(session, "wamid.1", RECORD, NOW)
    assert sessions.load("c_ann", "wamid.9").session == session


def test_a_session_from_before_pauses_existed_is_not_paused() -> None:
    stored = json.loads(
        '{"conversation": "c_ann", "channel": "whatsapp", "account": "106", "contact": "1650", "name": "Ann",'
        ' "turn": 3, "session": "s_1", "state": "waiting", "flow": "claims", "version": 2, "slice": "ask", "at": "ask",'
        ' "waiting": {"expects": ["media"], "memo": {"attempt": 1}, "deadline": 1760000600, "own": false},'
        ' "variables": {}, "visits": 2, "timeout": 600, "on_timeout": "", "retention_days": 30,'
        ' "started_at": 1760000000, "heard_at": 1760000000, "pending": [], "held": [], "sensitive": []}'
    )
    session = Session.from_json(stored)
    assert (session.paused, session.resumed_at, session.deadline) == (None, 0, 1760000600)


def test_an_unknown_conversation_has_no_session_and_no_routes(sessions: SessionStore) -> None:
    loaded = sessions.load("c_new", "wamid.1")
    assert (loaded.session, loaded.routes, loaded.repeated) == (None, {}, False)


def test_the_routes_come_with_the_session(sessions: SessionStore, aws_account: Any) -> None:
    document = {"S": json.dumps({"no_match": "Say claim."})}
    item = {"name": {"S": "routes"}, "item": {"S": "live"}, "document": document}
    aws_account("dynamodb").put_item(TableName="flows", Item=item)
    assert sessions.load("c_ann", "wamid.1").routes == {"no_match": "Say claim."}


def test_an_event_that_had_its_turn_is_known_again(sessions: SessionStore) -> None:
    sessions.save(a_session(), "wamid.1", RECORD, NOW)
    assert sessions.load("c_ann", "wamid.1").repeated
    assert not sessions.load("c_ann", "wamid.2").repeated


def test_a_turn_that_another_overtook_is_not_saved_and_leaves_no_record(sessions: SessionStore) -> None:
    sessions.save(a_session(1), "wamid.1", RECORD, NOW)
    with pytest.raises(TurnFailed):
        sessions.save(a_session(1), "wamid.2", RECORD, NOW)
    with pytest.raises(TurnFailed):
        sessions.save(a_session(3), "wamid.3", RECORD, NOW)
    assert not sessions.load("c_ann", "wamid.2").repeated
    assert not sessions.load("c_ann", "wamid.3").repeated
    sessions.save(a_session(2), "wamid.2", RECORD, NOW)


def test_the_same_event_cannot_be_saved_by_two_turns(sessions: SessionStore) -> None:
    sessions.save(a_session(1), "wamid.1", RECORD, NOW)
    with pytest.raises(TurnFailed):
        sessions.save(a_session(2), "wamid.1", RECORD, NOW)


def test_what_makes_a_redelivery_harmless_is_kept_for_at_least_eight_days(
    sessions: SessionStore, aws_account: Any
) -> None:
    short = Session(**{**a_session().__dict__, "retention_days": 1})
    sessions.save(short, "wamid.1", RECORD, NOW)
    items = aws_account("dynamodb").scan(TableName="sessions")["Items"]
    assert {int(item["expires_at"]["N"]) for item in items} == {NOW + 8 * 86_400}


def test_a_note_moves_no_session_and_may_come_twice(sessions: SessionStore) -> None:
    sessions.save(a_session(), "wamid.1", RECORD, NOW)
    sessions.save_note("c_ann", "status#1", RECORD, NOW)
    sessions.save_note("c_ann", "status#1", RECORD, NOW)
    loaded = sessions.load("c_ann", "status#1")
    assert loaded.repeated
    assert loaded.session == a_session()


def test_why_an_event_failed_for_good_is_kept_beside_its_session_and_its_last_reason_counts(
    sessions: SessionStore, aws_account: Any
) -> None:
    letter = {"kind": "message", "session": "s_1", "turn": 3, "flow": "claims", "node": "ask", "at": NOW}
    for reason in ("first", "second"):
        sessions.save_failure("c_ann", "wamid.1", {**letter, "reason": reason}, NOW + 86_400)

    items = aws_account("dynamodb").scan(TableName="sessions")["Items"]
    (item,) = [each for each in items if each["item"]["S"].startswith("letter#")]
    assert (item["item"]["S"], item["reason"]["S"]) == ("letter#wamid.1", "second")
    assert not item.keys() & {"state", "listed_at"}  # no list reads it: it costs no write of the index
    assert not sessions.load("c_ann", "wamid.1").repeated
