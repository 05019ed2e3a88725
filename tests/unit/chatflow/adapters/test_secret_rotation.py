"""Secrets change while messages travel: none is lost, none is sent twice, and nothing is deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatflow.adapters import secrets
from chatflow.adapters.aws import client
from chatflow.adapters.secrets import REFUSED_SECONDS, secret_fields, secret_text
from chatflow.adapters.visit_ports import VisitPorts
from chatflow.channels.whatsapp.client import Client
from chatflow.errors import ChannelRefused, ChannelUnavailable
from chatflow.messages import Text
from chatflow.nodes.ports import Answer, Call
from chatflow.settings import NodeSettings
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.fakes.visit import a_visit

NAME = "cf/channels/whatsapp"
HOSTS = frozenset({"graph.facebook.com"})
DEADLINE = 4_000_000_000_000  # milliseconds since the epoch


class Clock:
    """Monotonic seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Meta:
    """Takes the tokens that are valid just now; 190 for any other. Remembers what it took."""

    def __init__(self, *valid: str) -> None:
        self.valid = set(valid)
        self.taken: list[str] = []
        self.refused = 0

    def __call__(self, request: Request) -> Reply:
        if request.headers["authorization"].removeprefix("Bearer ") not in self.valid:
            self.refused += 1
            error = {"message": "Invalid OAuth access token", "type": "OAuthException", "code": 190}
            return Reply(401, json.dumps({"error": error}).encode())
        if request.path.endswith("/messages"):
            self.taken.append(json.loads(request.body)["text"]["body"])
        return Reply(200, json.dumps({"messages": [{"id": "wamid.1"}], "id": "media-1"}).encode())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(secrets, "time", clock)
    return clock


@pytest.fixture
def store(aws_account: Any, clock: Clock) -> Iterator[Callable[[str], None]]:
    """Stores an access token as the newest."""
    secrets._cache.clear()
    client("secretsmanager").create_secret(Name=NAME, SecretString=json.dumps({"access_token": "first"}))

    def stored(token: str) -> None:
        client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=json.dumps({"access_token": token}))

    yield stored
    secrets._cache.clear()


def a_client(meta: Meta) -> Client:
    """As a visit makes it: the secret that is kept, and a way to a fresh one."""
    fresh = lambda: secret_fields(NAME, max_age=REFUSED_SECONDS)  # noqa: E731  one port of the client
    return Client("106", secret_fields(NAME), FakeFetch(meta), HOSTS, "https://graph.facebook.com/v23.0", renewed=fresh)


def test_a_token_that_is_revoked_in_the_middle_of_traffic_costs_no_message(
    store: Callable[[str], None], clock: Clock
) -> None:
    meta = Meta("first")
    for number in range(30):
        clock.seconds += 2
        if number == 10:
            store("second")
            meta.valid = {"first", "second"}  # both, as Meta allows it
        if number == 20:
            meta.valid = {"second"}
        a_client(meta).send(Text(f"message {number}"), "491700000000", "", DEADLINE)
    assert meta.taken == [f"message {number}" for number in range(30)]
    assert meta.refused == 1  # one refusal in the whole process: the fresh token is kept by then


def test_a_token_that_is_simply_wrong_is_refused_once_for_each_message_and_read_once_a_second(
    store: Callable[[str], None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = Meta("another")
    read: list[str] = []
    secretsmanager = client("secretsmanager")
    ask = secretsmanager.get_secret_value
    monkeypatch.setattr(secretsmanager, "get_secret_value", lambda **which: read.append("") or ask(**which))
    for _ in range(50):
        with pytest.raises(ChannelRefused):
            a_client(meta).send(Text("hello"), "491700000000", "", DEADLINE)
    clock.seconds += REFUSED_SECONDS
    with pytest.raises(ChannelRefused):
        a_client(meta).send(Text("hello"), "491700000000", "", DEADLINE)
    assert meta.refused == 51
    assert len(read) == 2


def test_a_file_whose_upload_met_a_revoked_token_is_opened_anew(store: Callable[[str], None], clock: Clock) -> None:
    meta = Meta("second")
    channel = a_client(meta)
    store("second")
    clock.seconds += REFUSED_SECONDS
    with pytest.raises(ChannelUnavailable):  # on which a delivery opens the file again
        channel.upload(_Stream(), 3, "application/pdf", "claim.pdf", DEADLINE)
    assert channel.upload(_Stream(), 3, "application/pdf", "claim.pdf", DEADLINE) == "media-1"


def test_a_refusal_of_another_kind_does_not_ask_for_the_secret(store: Callable[[str], None], clock: Clock) -> None:
    def refuse(_request: Request) -> Reply:
        return Reply(400, json.dumps({"error": {"message": "no", "code": 131047}}).encode())

    def never() -> dict[str, Any]:
        raise AssertionError("the secret was asked for")

    channel = Client("106", secret_fields(NAME), FakeFetch(refuse), HOSTS, "https://graph.facebook.com", renewed=never)
    with pytest.raises(ChannelRefused):
        channel.send(Text("hello"), "491700000000", "", DEADLINE)


@pytest.mark.parametrize(("status", "next_one"), [(401, "new"), (403, "old"), (200, "old")])
def test_a_secret_that_the_business_no_longer_takes_is_read_anew_for_the_next_call(
    status: int, next_one: str, table: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets._cache.clear()
    client("secretsmanager").create_secret(Name="cf/business/token", SecretString="old")
    settings = NodeSettings(table("effects", "effect"), *[""] * 5, business_secret_prefix="cf/business/")
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        "chatflow.adapters.http.integration_calls.perform", lambda _call, **_how: Answer(status, {}, body=b"{}")
    )
    ports = VisitPorts(a_visit({}, deadline=DEADLINE))
    assert ports.secret("token", "https://api.example.com") == "old"
    client("secretsmanager").put_secret_value(SecretId="cf/business/token", SecretString="new")
    ports.call_api("call", Call("GET", "https://api.example.com"))
    assert secret_text("cf/business/token") == next_one


class _Stream:
    def __init__(self) -> None:
        self._left = b"pdf"

    def read(self, amount: int = -1, /) -> bytes:
        block, self._left = (self._left, b"") if amount < 0 else (self._left[:amount], self._left[amount:])
        return block
