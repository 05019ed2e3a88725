"""Connecting a channel stores its credentials where the deployed functions read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tools.connect import NotConnected, main

NAME = "Chatflow-dev/channels/whatsapp"
OUTPUTS = {"ChannelSecretWhatsapp": NAME, "WebhookUrl": "https://abc.example.com/webhooks/{channel}"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An account in which the stack made the channel's secret; gives its Secrets Manager."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        store = boto3.client("secretsmanager")
        store.create_secret(Name=NAME, SecretString='{"app_secret": "random", "verify_token": ""}')
        yield store


def answer(question: str, **_: object) -> str:
    return f" the {question.removesuffix(' (not shown)')}\n"


def deployed(stack: str) -> dict[str, str]:
    if stack != "Chatflow-dev":
        raise NotConnected(f"{stack} was not found")
    return OUTPUTS


def stored(account: Any) -> dict[str, str]:
    secret: dict[str, str] = json.loads(account.get_secret_value(SecretId=NAME)["SecretString"])
    return secret


def test_credentials_are_stored_and_what_to_enter_is_shown(account: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["whatsapp"], answer, deployed) == 0
    secret = stored(account)
    assert secret["access_token"] == "the access token"
    assert secret["app_secret"] == "the app secret"
    assert secret["phone_number_id"] == "the phone number id"
    shown = capsys.readouterr().out
    assert "https://abc.example.com/webhooks/whatsapp" in shown
    assert secret["verify_token"] in shown
    assert "the access token" not in shown
    assert "the app secret" not in shown


def test_secrets_are_asked_for_without_showing_them(account: Any) -> None:
    hidden: dict[str, bool] = {}

    def ask(question: str, *, password: bool) -> str:
        hidden[question.split(" (", maxsplit=1)[0]] = password
        return "x"

    main(["whatsapp"], ask, deployed)
    assert hidden == {"access token": True, "app secret": True, "phone number id": False}


def test_the_verify_token_stays_when_a_channel_is_connected_again(account: Any) -> None:
    main(["whatsapp"], answer, deployed)
    first = stored(account)["verify_token"]
    main(["whatsapp"], answer, deployed)
    assert first
    assert stored(account)["verify_token"] == first


def test_a_stack_that_is_not_there_is_named(account: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["whatsapp", "--stage", "prod"], answer, deployed) == 1
    assert "Chatflow-prod" in capsys.readouterr().out
    assert stored(account)["app_secret"] == "random"
