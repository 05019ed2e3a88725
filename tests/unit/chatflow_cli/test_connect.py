"""Connecting a channel, with the WhatsApp simulator in place of WhatsApp and moto in place of AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chatflow.adapters import aws
from chatflow_cli.connect import current_value, main
from local.simulator.server import SimulatorServer, listen, url_of
from local.whatsapp_simulator.settings import Settings

TOKEN = "EAAG-the-right-token"
NUMBER = "106540352242922"
APP_SECRET = "0123456789abcdef0123456789abcdef"
SECRET = "Chatflow-dev/channels/whatsapp"
FRESH = {"app_secret": "r4nd0m" * 10, "access_token": "", "verify_token": "", "phone_number_id": ""}
FRESH_WITHOUT_FIELDS = {"unconnected": "r4nd0m" * 10}


@pytest.fixture(scope="module")
def whatsapp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    listener = listen()
    url = url_of(listener)
    data = tmp_path_factory.mktemp("handset")
    settings = Settings(TOKEN, APP_SECRET, "theirs", NUMBER, public_url=url, data=data)
    server = SimulatorServer(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"{url}/v23.0"
    server.should_exit = True
    thread.join(10)


def forget_clients() -> None:
    aws.client.cache_clear()
    aws.session.cache_clear()


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    outputs = {"ChannelSecretWhatsapp": SECRET, "WebhookUrl": "https://api.example/webhooks/{channel}"}
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    with mock_aws():
        forget_clients()
        aws.client("cloudformation").create_stack(StackName="Chatflow-dev", TemplateBody=json.dumps(template))
        aws.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps(FRESH))
        yield
    forget_clients()


def stored() -> dict[str, Any]:
    credentials: dict[str, Any] = json.loads(
        aws.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    )
    return credentials


def types(*lines: str) -> Callable[[str], str]:
    """A person who types these lines, one after the other."""
    left = list(lines)
    return lambda _prompt: left.pop(0)


def connect(url: str, *typed: str, number: str = NUMBER, stack: str = "Chatflow-dev") -> int:
    return main(["whatsapp", "--stack", stack, "--url", url], ask=types(number), ask_hidden=types(*typed))


def test_the_right_token_is_stored_and_the_console_s_steps_are_told(
    whatsapp: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert connect(whatsapp, TOKEN, APP_SECRET) == 0
    credentials = stored()
    assert (credentials["access_token"], credentials["app_secret"], credentials["phone_number_id"]) == (
        TOKEN,
        APP_SECRET,
        NUMBER,
    )
    assert len(credentials["verify_token"]) >= 32
    output = capsys.readouterr().out
    assert "Chatflow Demo (15550783881)" in output
    assert "Callback URL: https://api.example/webhooks/whatsapp" in output
    assert f"Verify token: {credentials['verify_token']}" in output
    assert "subscribe to messages" in output


@pytest.mark.parametrize("fresh", [FRESH, FRESH_WITHOUT_FIELDS])
def test_nothing_of_a_first_deploy_stays_in_the_secret(whatsapp: str, fresh: dict[str, str]) -> None:
    aws.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=json.dumps(fresh))
    assert connect(whatsapp, TOKEN, APP_SECRET) == 0
    assert stored().keys() == {"access_token", "app_secret", "verify_token", "phone_number_id"}
    assert stored()["app_secret"] == APP_SECRET


def test_no_secret_is_shown(whatsapp: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert connect(whatsapp, TOKEN, APP_SECRET) == 0
    assert connect(whatsapp, "EAAG-a-wrong-token-entirely", APP_SECRET) == 1
    output = "".join(capsys.readouterr())
    assert not [secret for secret in (TOKEN, APP_SECRET, "EAAG-a-wrong-token-entirely") if secret in output]


def test_a_wrong_token_is_refused_and_nothing_is_stored(whatsapp: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert connect(whatsapp, "EAAG-wrong", APP_SECRET) == 1
    assert stored() == FRESH
    assert "WhatsApp refused them, so nothing was stored" in capsys.readouterr().out


def test_a_number_of_someone_else_is_refused(whatsapp: str) -> None:
    assert connect(whatsapp, TOKEN, APP_SECRET, number="999") == 1
    assert stored() == FRESH


def test_enter_keeps_what_is_stored(whatsapp: str) -> None:
    assert connect(whatsapp, TOKEN, APP_SECRET) == 0
    before = stored()
    assert connect(whatsapp, "", "another-app-secret", number="") == 0
    assert stored() == {**before, "app_secret": "another-app-secret"}


def test_what_a_first_deploy_puts_into_the_secret_is_not_kept(
    whatsapp: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert connect(whatsapp, TOKEN, "") == 1
    assert stored() == FRESH
    assert "needs app_secret" in capsys.readouterr().out


def test_a_channel_that_is_not_there_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with listen() as nobody:
        url = url_of(nobody)
    assert connect(f"{url}/v23.0", TOKEN, APP_SECRET) == 1
    assert stored() == FRESH
    assert "could not be asked" in capsys.readouterr().out


def test_a_stack_that_is_not_there_is_named(whatsapp: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert connect(whatsapp, TOKEN, APP_SECRET, stack="Chatflow-prod") == 1
    assert "no stack Chatflow-prod" in capsys.readouterr().out


def test_a_person_may_stop_at_any_question(whatsapp: str) -> None:
    def stops(_prompt: str) -> str:
        raise KeyboardInterrupt

    assert main(["whatsapp", "--url", whatsapp], ask=stops, ask_hidden=stops) == 130
    assert stored() == FRESH


def test_make_calls_this_program() -> None:
    recipe = (Path(__file__).parents[3] / "Makefile").read_text()
    assert "-m chatflow_cli.connect $* --stack Chatflow-$(STAGE)" in recipe


def test_while_a_field_is_rotated_the_new_one_is_what_a_person_is_told() -> None:
    assert current_value(["new", "old"]) == "new"
    assert current_value("only") == "only"
