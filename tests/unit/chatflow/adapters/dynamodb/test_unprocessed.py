"""A DynamoDB that is busy answers a batch in part: what it left out is asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.dynamodb import row_deletion
from chatflow.adapters.dynamodb.items import batch_get
from chatflow.adapters.dynamodb.sessions import SessionStore
from chatflow.conversation.session import Session
from tests.fakes.aws_account import on_call

KEYS = [{"name": {"S": name}} for name in ("one", "two", "three")]


def _leave_out_reads(times: int) -> Any:
    """Hide all items but the first of each table from the next `times` answers, as DynamoDB does when it is busy."""
    left = [times]

    def hide(parsed: dict[str, Any]) -> None:
        if not left[0]:
            return
        left[0] -= 1
        unprocessed = {}
        for table, items in parsed["Responses"].items():
            names = {"sessions": ("conversation", "item"), "flows": ("name",)}[table]
            if hidden := items[1:]:
                keys = [{name: item[name] for name in names} for item in hidden]
                unprocessed[table] = {"Keys": keys, "ConsistentRead": True}
                del items[1:]
        parsed["UnprocessedKeys"] = unprocessed

    return hide


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_keys_that_dynamodb_left_out_are_read_again(table: Any) -> None:
    name = table("flows", "name")
    for key in KEYS:
        client("dynamodb").put_item(TableName=name, Item=key)
    with on_call("BatchGetItem", after=_leave_out_reads(2)):
        assert len(batch_get(name, KEYS, consistent=True)) == 3


def test_a_session_that_dynamodb_left_out_is_not_taken_for_a_new_customer(table: Any) -> None:
    sessions = SessionStore(table("sessions", "conversation", "item"), table("flows", "name", "item"))
    session = Session(conversation="c_ann", channel="whatsapp", account="106", contact="1650", turn=1, session="s_1")
    sessions.save(session, "wamid.1", {"session": "s_1", "turn": 1, "event": {"kind": "message"}}, 1_760_000_000)
    with on_call("BatchGetItem", after=_leave_out_reads(1)):
        loaded = sessions.load("c_ann", "wamid.1")
    assert loaded.repeated
    assert loaded.session == session


def test_rows_that_dynamodb_did_not_delete_are_deleted_by_another_call(table: Any) -> None:
    name = table("flows", "name")
    for key in KEYS:
        client("dynamodb").put_item(TableName=name, Item=key)
    calls: list[int] = []
    left: list[Any] = []

    def keep_two(parameters: dict[str, Any]) -> None:
        requests = parameters["RequestItems"][name]
        calls.append(len(requests))
        left[:], parameters["RequestItems"] = requests[1:], {name: requests[:1]}

    def tell(result: dict[str, Any]) -> None:
        result["UnprocessedItems"] = {name: [*left]} if left else {}

    with on_call("BatchWriteItem", before=keep_two, after=tell):
        row_deletion.delete(name, KEYS)
    assert calls == [3, 2, 1]
    assert client("dynamodb").scan(TableName=name)["Count"] == 0
