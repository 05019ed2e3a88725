"""Connections of contacts, from the browser's request to what their rows are good for, on moto."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters import aws, secrets
from chatflow.adapters.dynamodb.connections import LONGEST_SECONDS, MOST, ConnectionEraser, ConnectionTable
from chatflow.conversation.events import conversation_key
from chatflow.settings import ConnectionsSettings
from connections import handler
from tests.contract.channels.pigeon.examples import ACCOUNT, CONTACT, SECRET, connect
from tests.fakes.aws_account import an_account, create_table
from tests.fakes.pigeon import installed_pigeon

KEY = conversation_key("k", "pigeon", ACCOUNT, CONTACT)
NAME = f"cf/channels/pigeon/{ACCOUNT}"


@pytest.fixture(params=['"push"'])
def requests(request: pytest.FixtureRequest) -> str:
    """What the channel requests; a test may choose something else."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _deployment(requests: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with installed_pigeon(tmp_path, requests=requests), an_account(monkeypatch):
        for cached in (handler._settings, handler._accounts):
            cached.cache_clear()
        create_table("connections", "conversation", "connection")
        manager = aws.client("secretsmanager")
        manager.create_secret(Name=NAME, SecretString=json.dumps(SECRET))
        manager.create_secret(Name="cf/key", SecretString="k")
        for name, value in ConnectionsSettings("connections", "cf/key", "cf/channels/").to_environment().items():
            monkeypatch.setenv(name, value)
        yield
    for cached in (handler._settings, handler._accounts):
        cached.cache_clear()


def opened(id: str, *, secret: dict[str, Any] = SECRET, **changed: str) -> int:
    """The status of a browser's request, with these parts of its query changed."""
    query = {**connect(secret, int(time.time())).query, **changed}
    context = {"eventType": "CONNECT", "connectionId": id, "routeKey": "$connect"}
    event = {"requestContext": context, "headers": {"Origin": "https://loft.example"}, "queryStringParameters": query}
    return int(handler.lambda_handler(event, None)["statusCode"])


def closed(id: str) -> None:
    context = {"eventType": "DISCONNECT", "connectionId": id, "routeKey": "$disconnect"}
    assert handler.lambda_handler({"requestContext": context, "headers": {}}, None) == {"statusCode": 200}


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName="connections")["Items"]
    return found


def known() -> set[str]:
    return {each.id for each in ConnectionTable("connections").of(KEY)}


def test_who_has_a_token_is_connected_until_the_connection_ends() -> None:
    assert (opened("a="), opened("b=")) == (200, 200)
    assert known() == {"a=", "b="}
    assert {int(row["expires_at"]["N"]) for row in rows()} <= set(
        range(int(time.time()) + LONGEST_SECONDS, int(time.time()) + 2 * LONGEST_SECONDS)
    )
    closed("a=")
    assert known() == {"b="}
    closed("b=")
    closed("never opened")
    assert rows() == []


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (401, {"ticket": "another"}),
        (401, {"ticket": ""}),
        (401, {"contact": "somebody"}),
        (404, {"account": "another"}),
        (404, {"account": ""}),
        (404, {"account": "../key"}),
        (404, {"channel": "bottle"}),
        (404, {"channel": ""}),
        (404, {"channel": "../pigeon"}),
    ],
    ids=str,
)
def test_nobody_else_is_connected(status: int, changed: dict[str, str]) -> None:
    assert opened("a=", **changed) == status
    assert rows() == []


@pytest.mark.parametrize("requests", ["", '"routes", "page"'], indirect=True)
def test_a_channel_that_does_not_request_it_has_no_connections() -> None:
    assert opened("a=") == 404
    assert rows() == []


def test_a_token_of_a_rotated_secret_is_admitted_when_the_secret_has_been_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert opened("a=") == 200
    rotated = {**SECRET, "whistle": "another-whistle"}
    aws.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=json.dumps(rotated))
    assert opened("b=", secret=rotated) == 401  # the secret was read a moment ago
    later = time.monotonic() + 31
    monkeypatch.setattr(secrets.time, "monotonic", lambda: later)
    assert opened("b=", secret=rotated) == 200
    assert opened("c=") == 401


def test_a_contact_has_so_many_connections_and_the_newest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    start = int(time.time())
    for number in range(MOST + 3):
        monkeypatch.setattr(time, "time", lambda number=number: float(start + number))
        assert opened(f"{number}=") == 200
    assert known() == {f"{number}=" for number in range(3, MOST + 3)}
    assert len(rows()) == 2 * MOST


def test_neither_token_nor_contact_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    token = connect(SECRET, int(time.time())).query["ticket"]
    opened("a=")
    opened("b=", ticket=f"{token}0")
    opened("c=", channel="x" * 500)
    closed("a=")
    logged = capsys.readouterr().out
    assert "not_admitted" in logged
    assert not any(each in logged for each in (token, CONTACT, "loft.example", "a=", "xxx"))


def test_connections_are_erased_with_their_contact_and_nobody_elses() -> None:
    table = ConnectionTable("connections")
    for number in range(60):
        for conversation, prefix in ((KEY, "ours"), ("c_other", "theirs")):
            aws.client("dynamodb").put_item(
                TableName="connections",
                Item={"conversation": {"S": conversation}, "connection": {"S": f"{prefix}{number}"}},
            )
    table.add("c_another", "kept", 1)
    table.add(KEY, "newest", 1)
    assert ConnectionEraser("connections").erase(KEY, lambda: True)["connections"] > 0
    assert ConnectionEraser("connections").erase(KEY, lambda: True) == {"connections": 0}
    left = {row["connection"]["S"] for row in rows()}
    assert left == {"kept", *(f"theirs{number}" for number in range(60))}


def test_an_erasure_that_runs_out_of_time_goes_on_later() -> None:
    for number in range(60):
        aws.client("dynamodb").put_item(
            TableName="connections", Item={"conversation": {"S": KEY}, "connection": {"S": str(number)}}
        )
    assert ConnectionEraser("connections").erase(KEY, lambda: False) == {"connections": 25}
    assert ConnectionEraser("connections").erase(KEY, lambda: True) == {"connections": 35}
