"""`chatflow channels` with a channel whose credentials name the account, and whose API sets the webhook: Telegram."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chatflow_cli.channels.after_destroy import main as after_destroy
from chatflow_cli.doctor.account import Account
from tests.unit.chatflow_cli.conftest import Chatflow

TOKEN = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
RENEWED = "123456:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
ANOTHER_BOT = "654321:CCHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
OWN = "Chatflow-dev/channels/telegram/123456"

# Each new session reads the models of the services again.
SHELL = Account(boto3.Session(region_name="eu-west-1"))


class BotApi(ThreadingHTTPServer):
    """Two bots, the first with two tokens. `webhooks` are all that were set; it can refuse to set one."""

    def __init__(self) -> None:
        self.webhooks: list[dict[str, Any]] = []
        self.refuses_webhooks = False
        super().__init__(("127.0.0.1", 0), _Handler)

    def result(self, token: str, method: str, body: dict[str, Any]) -> Any:
        if token not in (TOKEN, RENEWED, ANOTHER_BOT) or (method == "setWebhook" and self.refuses_webhooks):
            return None
        if method == "setWebhook":
            self.webhooks.append(body)
            return True
        if method == "deleteWebhook":
            self.webhooks.append({"url": ""})
            return True
        if method == "getWebhookInfo":
            return self.webhooks[-1]
        return {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Claims", "username": "claims_bot"}


class _Handler(BaseHTTPRequestHandler):
    server: BotApi

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or "{}")
        _, bot, method = self.path.split("/")
        result = self.server.result(bot.removeprefix("bot"), method, body)
        error = {"ok": False, "error_code": 401, "description": "Unauthorized"}
        answer = json.dumps(error if result is None else {"ok": True, "result": result}).encode()
        self.send_response(401 if result is None else 200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def bots() -> Iterator[BotApi]:
    with BotApi() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture(autouse=True)
def deployed(bots: BotApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stack that was deployed with a stand-in of the channel's API."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(Account, "of_shell", lambda: SHELL)
    outputs = {
        "ChannelUrlTelegram": f"http://127.0.0.1:{bots.server_address[1]}",
        "ConversationSecret": "Chatflow-dev/conversation-key",
        "WebhookUrl": "https://api.example/webhooks/{channel}",
    }
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    with mock_aws():
        boto3.client("cloudformation").create_stack(StackName="Chatflow-dev", TemplateBody=json.dumps(template))
        boto3.client("secretsmanager").create_secret(Name="Chatflow-dev/conversation-key", SecretString="k")
        yield


def stored() -> Any:
    return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=OWN)["SecretString"])


def test_the_token_names_the_bot_and_its_api_gets_the_webhook(chatflow: Chatflow, bots: BotApi) -> None:
    connected = chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n")
    assert connected.code == 0, connected.err
    assert "@claims_bot" in connected.out
    assert TOKEN not in connected.out + connected.err
    secret = stored()["secret_token"]
    assert stored() == {"bot_token": TOKEN, "secret_token": secret, "bot_id": "123456"}
    (webhook,) = bots.webhooks
    assert (webhook["url"], webhook["secret_token"]) == ("https://api.example/webhooks/telegram/123456", secret)


def test_connecting_again_keeps_our_secret(chatflow: Chatflow) -> None:
    chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n")
    before = stored()
    assert chatflow("channels", "connect", "telegram", typed=f"{RENEWED}\n").code == 0
    assert stored() == {**before, "bot_token": RENEWED}


def test_another_bots_token_is_refused_where_the_account_is_named(chatflow: Chatflow) -> None:
    chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n")
    words = ("channels", "connect", "telegram", "--account", "123456")
    assert chatflow(*words, typed=f"{ANOTHER_BOT}\n").code == 5
    assert chatflow("channels", "rotate", "telegram", "bot_token", typed=f"{ANOTHER_BOT}\n").code in (1, 5)
    assert stored()["bot_token"] == TOKEN


def test_our_secret_is_renewed_with_the_webhook_and_the_old_one_still_accepted(
    chatflow: Chatflow, bots: BotApi
) -> None:
    chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n")
    old = stored()["secret_token"]
    assert chatflow("channels", "rotate", "telegram", "secret_token").code == 0
    new, *others = stored()["secret_token"]
    assert others == [old]
    assert bots.webhooks[-1]["secret_token"] == new
    assert chatflow("channels", "rotate", "telegram", "secret_token", "--finish").code == 0
    assert stored()["secret_token"] == new


def test_a_webhook_that_was_not_registered_is_said_and_done_by_connecting_again(
    chatflow: Chatflow, bots: BotApi
) -> None:
    bots.refuses_webhooks = True
    failed = chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n")
    assert failed.code == 1
    assert "The webhook is not registered" in failed.err
    before = stored()
    bots.refuses_webhooks = False
    again = chatflow("channels", "connect", "telegram", "--account", "123456", typed="\n")
    assert (again.code, stored()) == (0, before)
    assert len(bots.webhooks) == 1


@pytest.mark.parametrize("way_out", ["rotate", "connect", "finish"])
def test_a_rotation_whose_webhook_was_not_registered_ends_with_telegram_on_the_value_that_is_kept(
    chatflow: Chatflow, bots: BotApi, way_out: str
) -> None:
    chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n")
    old = stored()["secret_token"]
    rotate = ("channels", "rotate", "telegram", "secret_token")
    bots.refuses_webhooks = True
    failed = chatflow(*rotate)
    assert (failed.code, "Do it again: nothing is lost." in failed.err) == (1, True)
    new, *others = stored()["secret_token"]
    assert (others, bots.webhooks[-1]["secret_token"]) == ([old], old)
    for command in (rotate, (*rotate, "--finish")):
        assert chatflow(*command).code == 1
        assert stored()["secret_token"] == [new, old], "Telegram still sends the old one"
    bots.refuses_webhooks = False
    if way_out == "rotate":
        assert chatflow(*rotate).code == 0
    elif way_out == "connect":
        assert chatflow("channels", "connect", "telegram", "--account", "123456", typed="\n").code == 0
    if way_out != "finish":
        assert (stored()["secret_token"], bots.webhooks[-1]["secret_token"]) == ([new, old], new)
    assert chatflow(*rotate, "--finish").code == 0
    assert (stored()["secret_token"], bots.webhooks[-1]["secret_token"]) == (new, new)


OURS, ELSEWHERE = "https://api.example/webhooks/telegram/123456", "https://another.example/webhooks/telegram/123456"


@pytest.mark.parametrize(("webhook", "left"), [(OURS, ""), (ELSEWHERE, ELSEWHERE)], ids=["ours", "another stage's"])
@pytest.mark.parametrize("way", ["disconnect", "destroy", "destroy without outputs"])
def test_a_bot_that_goes_is_posted_to_no_more_unless_it_posts_elsewhere(  # noqa: PLR0917
    chatflow: Chatflow, bots: BotApi, capsys: pytest.CaptureFixture[str], way: str, webhook: str, left: str
) -> None:
    assert chatflow("channels", "connect", "telegram", typed=f"{TOKEN}\n").code == 0
    bots.webhooks.append({"url": webhook})
    if way == "disconnect":
        assert chatflow("channels", "disconnect", "telegram", "--yes").code == 0
    else:
        capsys.readouterr()
        assert after_destroy(["dev", "--outputs"]) == 0
        outputs = capsys.readouterr().out if way == "destroy" else ""
        boto3.client("cloudformation").delete_stack(StackName="Chatflow-dev")
        boto3.client("secretsmanager").delete_secret(
            SecretId="Chatflow-dev/conversation-key", ForceDeleteWithoutRecovery=True
        )
        assert after_destroy(["dev", outputs]) == 0
        told = "its channel posts nothing more" if outputs else "remove its webhook in the channel's console"
        assert told in capsys.readouterr().out
    assert bots.webhooks[-1]["url"] == (webhook if "without" in way else left)
    assert boto3.client("secretsmanager").list_secrets(Filters=[{"Key": "name", "Values": [OWN]}])["SecretList"] == []
