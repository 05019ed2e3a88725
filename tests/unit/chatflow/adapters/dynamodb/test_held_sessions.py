"""The index of held sessions, on DynamoDB as moto plays it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb import held_sessions
from chatflow.adapters.dynamodb.held_sessions import HeldSessions, held_place
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.conversation.session import API, Session, Waiting
from chatflow.integrations.holding import Held
from tests.fakes.aws_account import create_table

NOW = 1_760_000_000
SHOP, BANK = "api.shop.example:443", "bank.example:8443"


@pytest.fixture
def store(aws_account: Any, table: Any) -> SessionStore:
    create_table("sessions", "conversation", "item", by_state=("state", "listed_at"), by_host=("held_in", "held_at"))
    return SessionStore("sessions", table("flows", "name", "item"))


def save(store: SessionStore, number: int, host: str, *, turn: int = 1, state: Any = "waiting", tries: int = 1) -> str:
    conversation = f"c_{number:032x}"
    held = Held("key", NOW + number, NOW + 3600, "open", NOW + 60, tries=tries, host=host)
    waiting = Waiting((API,), held.to_json(), NOW + 60, own_deadline=True, since=3)
    session = Session(
        conversation, "whatsapp", "106", "16505551234", turn=turn, session="s_1", state=state, flow="claims",
        node="upload", waiting=waiting if state == "waiting" else None,
    )  # fmt: skip
    record = {"session": "s_1", "turn": turn, "at": NOW, "event": {"kind": "message"}, "flow": "claims"}
    store.save(session, f"e{turn}", record, NOW)
    return conversation


def pages(host: str, limit: int) -> list[list[str]]:
    reader, after, found = HeldSessions("sessions"), "", []
    while True:
        page, after = reader.page(host, after=after, limit=limit)
        found.append([each.session.conversation for each in page])
        if not after:
            return found


def test_every_held_session_is_listed_once_by_host_the_oldest_first(store: SessionStore) -> None:
    bank = [save(store, number, BANK) for number in range(4, 8)]
    shop = [save(store, number, SHOP) for number in range(4)]
    save(store, 50, SHOP, state="ended")

    expected = {"": shop + bank, SHOP: shop, BANK: bank, "api.shop.example:80": []}
    for host, limit in itertools.product(expected, (1, 3, 4, 100)):
        found = pages(host, limit)
        assert [each for page in found for each in page] == expected[host]
        assert len(found) == max(1, -(-len(expected[host]) // limit))
    assert HeldSessions("sessions").counts() == {BANK: 4, SHOP: 4}


def test_of_many_held_sessions_a_bounded_number_is_read_and_the_rest_estimated(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(64):
        save(store, number, SHOP)
    monkeypatch.setattr(held_sessions, "_COUNTED", 20)
    assert 40 <= HeldSessions("sessions").counts()[SHOP] <= 90


def test_a_call_that_is_tried_keeps_its_place_and_one_that_ended_is_gone(store: SessionStore) -> None:
    first, second = save(store, 1, SHOP), save(store, 2, SHOP)
    save(store, 1, SHOP, turn=2, tries=2)
    save(store, 2, SHOP, turn=2, state="ended")
    (found,), _ = HeldSessions("sessions").page(limit=10)
    assert (found.session.conversation, found.held.tries) == (first, 2)
    assert second not in str(pages("", 10))


def test_a_row_that_cannot_be_read_hides_no_other(store: SessionStore) -> None:
    broken, sound = save(store, 1, SHOP), save(store, 2, SHOP)
    key = {"conversation": {"S": broken}, "item": {"S": "session"}}
    client("dynamodb").update_item(
        TableName="sessions",
        Key=key,
        UpdateExpression="SET document = :x",
        ExpressionAttributeValues={":x": {"S": "{"}},
    )
    assert pages("", 10) == [[sound]]


def test_the_index_holds_no_address_and_spreads_the_sessions_of_one_host() -> None:
    held = Held("key", NOW, NOW + 3600, "open", NOW + 60, host=SHOP).to_json()
    places = [
        held_place(
            Session(
                f"c_{number:032x}", "whatsapp", "1", "16505551234", state="waiting", waiting=Waiting((API,), held, 0)
            )
        )
        for number in range(64)
    ]
    assert len({place["held_in"]["S"] for place in places}) == 16
    assert "16505551234" not in str(places)
