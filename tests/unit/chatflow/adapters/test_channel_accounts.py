"""Whose credentials a conversation's messages are sent with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chatflow.adapters import secrets
from chatflow.adapters.aws import client
from chatflow.adapters.channel_accounts import ChannelAccounts
from chatflow.adapters.secrets import REFUSED_SECONDS
from chatflow.adapters.visit_ports import VisitPorts
from chatflow.errors import NotConnected, NotPublished, Unavailable
from chatflow.messages import Text
from chatflow.settings import NodeSettings
from tests.fakes.aws_account import on_call, refused
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.fakes.visit import a_visit

OLDER = {"access_token": "older", "phone_number_id": "100"}
ACCOUNTS = ChannelAccounts("cf/channels/")


@pytest.fixture
def store(aws_account: Any) -> Callable[[str, Any], None]:
    secrets._cache.clear()

    def stored(name: str, content: Any) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        client("secretsmanager").create_secret(Name=f"cf/channels/whatsapp{name}", SecretString=text)

    return stored


def token(account: str, **options: float) -> str:
    return str(ACCOUNTS.credentials("whatsapp", account, **options)["access_token"])


def test_an_account_has_its_own_secret_or_else_the_older_one_of_its_channel(store: Callable[[str, Any], None]) -> None:
    store("", OLDER)
    store("/101", {"access_token": "own", "phone_number_id": "101"})
    assert [token(account) for account in ("100", "101", "102", "no account/at all", "")] == [
        *("older", "own", "older", "older", "older"),
    ]


def test_an_account_without_any_secret_is_not_connected(store: Callable[[str, Any], None]) -> None:
    with pytest.raises(NotConnected):
        token("101")


def test_a_disconnected_account_does_not_fall_back_to_the_older_secret(store: Callable[[str, Any], None]) -> None:
    store("", OLDER)
    store("/101", {"access_token": "own"})
    client("secretsmanager").delete_secret(SecretId="cf/channels/whatsapp/101", RecoveryWindowInDays=7)
    with pytest.raises(NotConnected, match="was disconnected"):
        token("101")


@pytest.mark.parametrize("account", ["100", "101"])
def test_an_account_that_the_older_secret_does_not_serve_stays_disconnected(
    store: Callable[[str, Any], None], account: str
) -> None:
    """Also the one that it names, and when Secrets Manager has forgotten the account's own secret."""
    store("", {**OLDER, "not_served": [account]})
    for look_up in (ACCOUNTS.credentials, ACCOUNTS.of_path):
        with pytest.raises(NotConnected, match="was disconnected"):
            look_up("whatsapp", account)
    assert token("102") == "older"
    assert ACCOUNTS.of_path("whatsapp", None)["access_token"] == "older"


@pytest.mark.parametrize("garbage", [None, "101", 7, {"101": 1}, [], [101, None]])
def test_only_a_list_of_accounts_keeps_the_older_secret_from_serving_one(
    store: Callable[[str, Any], None], garbage: Any
) -> None:
    store("", {**OLDER, "not_served": garbage})
    assert token("101") == "older"


@pytest.mark.parametrize("denied", ["cf/channels/whatsapp/101", "cf/channels/whatsapp"])
def test_a_secret_that_may_not_be_read_yet_is_read_when_a_policy_took_effect(
    store: Callable[[str, Any], None], denied: str
) -> None:
    """In the first minute of an upgrade. Until then nothing is sent with the credentials of another account."""
    store("", OLDER)
    if denied.endswith("/101"):
        store("/101", {"access_token": "own", "phone_number_id": "101"})

    def deny(parameters: dict[str, Any]) -> None:
        if parameters["SecretId"] == denied:
            raise refused("AccessDeniedException")

    for look_up in (ACCOUNTS.credentials, ACCOUNTS.of_path):
        with (
            on_call("GetSecretValue", before=deny),
            pytest.raises(Unavailable, match=f"the secret {denied} may not be read"),
        ):
            look_up("whatsapp", "101")
    assert token("101") == ("own" if denied.endswith("/101") else "older")


def test_a_secret_that_names_another_account_sends_nothing(store: Callable[[str, Any], None]) -> None:
    store("", OLDER)
    store("/101", {"access_token": "own", "phone_number_id": "102"})
    with pytest.raises(NotConnected, match="names another account"):
        token("101")


@pytest.mark.parametrize("garbage", ["no json", "[]", "7", "null"])
def test_a_secret_that_holds_no_object_sends_nothing(store: Callable[[str, Any], None], garbage: str) -> None:
    store("", OLDER)
    store("/101", garbage)
    with pytest.raises(NotPublished, match="must hold a JSON object"):
        token("101")


def test_an_account_that_was_connected_just_now_is_found_when_its_token_was_refused(
    store: Callable[[str, Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(secrets.time, "monotonic", lambda: now[0])
    store("", OLDER)
    assert token("101") == "older"
    store("/101", {"access_token": "own", "phone_number_id": "101"})
    assert token("101") == "older", "which account has no secret of its own is cached"
    now[0] += REFUSED_SECONDS
    assert token("101", max_age=REFUSED_SECONDS) == "own"
    assert token("101") == "own"


def test_a_visit_sends_with_its_accounts_token_and_renews_that_one(
    store: Callable[[str, Any], None], table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []

    def meta(request: Request) -> Reply:
        used.append(request.headers["authorization"].removeprefix("Bearer "))
        if used[-1] != "renewed":
            return Reply(401, json.dumps({"error": {"message": "no", "code": 190}}).encode())
        return Reply(200, json.dumps({"messages": [{"id": "wamid.1"}]}).encode())

    now = [1000.0]
    monkeypatch.setattr(secrets.time, "monotonic", lambda: now[0])
    settings = NodeSettings(table("effects", "effect"), *[""] * 4, "cf/channels/", "")
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(VisitPorts, "_fetch", FakeFetch(meta))
    store("", OLDER)
    store("/106", {"access_token": "own"})
    assert ACCOUNTS.credentials("whatsapp", "106")["access_token"] == "own"
    secret = {"SecretId": "cf/channels/whatsapp/106", "SecretString": json.dumps({"access_token": "renewed"})}
    client("secretsmanager").put_secret_value(**secret)
    now[0] += REFUSED_SECONDS
    ports = VisitPorts(a_visit({}, deadline=4_000_000_000_000))
    ports.send_message("say", Text("hello"))
    assert used == ["own", "renewed"]
