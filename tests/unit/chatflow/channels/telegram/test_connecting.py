"""`chatflow channels` for a bot: the token is all that a person types, and Telegram's API does the rest."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chatflow_cli.channels.account_secrets import AccountSecrets
from chatflow_cli.channels.connecting import connect, stop_posts
from chatflow_cli.channels.deployment import Deployment
from chatflow_cli.channels.rotation import rotate
from chatflow_cli.errors import CommandError
from tests.unit.chatflow.channels.telegram.conftest import Telegram
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, SECRET

NAME = f"Chatflow-dev/channels/telegram/{ACCOUNT}"


class Deployed:
    """A deployed stack whose Telegram is the stand-in."""

    def __init__(self, telegram: Telegram) -> None:
        self.manager: Any = boto3.client("secretsmanager", region_name="eu-west-1")
        self.manager.create_secret(Name="Chatflow-dev/conversation-key", SecretString="k")
        outputs = {
            "WebhookUrl": f"{telegram.webhook.url}/{{channel}}",
            "ConversationSecret": "Chatflow-dev/conversation-key",
        }
        secrets = AccountSecrets(self.manager, "Chatflow-dev", outputs["ConversationSecret"])
        self.deployment = Deployment(outputs, secrets, telegram.url)
        self.asked: list[str] = []

    def connect(self, token: str = SECRET["bot_token"]) -> Any:
        def ask(field: str, _where: str, _hidden: bool, _stored: bool) -> str:
            self.asked.append(field)
            return token

        return connect(self.deployment, "telegram", "", ask)

    @property
    def stored(self) -> dict[str, Any]:
        return dict(json.loads(self.manager.get_secret_value(SecretId=NAME)["SecretString"]))

    def find(self) -> Any:
        return self.deployment.secrets.find("telegram", "")


def test_a_bot_is_connected_by_its_token_alone(telegram: Telegram) -> None:
    with mock_aws():
        deployed = Deployed(telegram)
        connected = deployed.connect()
        assert deployed.asked == ["bot_token"]
        assert (connected.account, connected.secret) == (ACCOUNT, NAME)
        assert deployed.stored["bot_id"] == ACCOUNT
        assert not any(SECRET["bot_token"] in step for step in connected.steps)
        telegram.act("text", text="hello")
        telegram.webhook.wait_for(lambda received: len(received) >= 1)
        [post] = telegram.webhook.received
        assert post.headers["x-telegram-bot-api-secret-token"] == deployed.stored["secret_token"]


def test_a_token_that_telegram_does_not_know_is_not_stored(telegram: Telegram) -> None:
    with mock_aws():
        deployed = Deployed(telegram)
        for token in (f"{ACCOUNT}:AAH-another-token-of-the-same-bot-0123", "no token"):
            with pytest.raises(CommandError) as refused:
                deployed.connect(token)
            assert token not in f"{refused.value.title} {refused.value.detail}"
        assert [each["Name"] for each in deployed.manager.list_secrets()["SecretList"]] == [
            "Chatflow-dev/conversation-key"
        ]


def test_while_the_secret_token_is_rotated_both_are_accepted_and_telegram_uses_the_new_one(telegram: Telegram) -> None:
    with mock_aws():
        deployed = Deployed(telegram)
        deployed.connect()
        before = deployed.stored["secret_token"]
        rotated = rotate(deployed.deployment, deployed.find(), "secret_token", lambda *_: "")
        new, old = deployed.stored["secret_token"]
        assert (old, rotated.both) == (before, True)
        telegram.act("text", text="hello")
        telegram.webhook.wait_for(lambda received: len(received) >= 1)
        assert telegram.webhook.received[0].headers["x-telegram-bot-api-secret-token"] == new != old


def test_a_bot_that_is_disconnected_is_posted_to_no_more(telegram: Telegram) -> None:
    with mock_aws():
        deployed = Deployed(telegram)
        deployed.connect()
        assert stop_posts(deployed.deployment, deployed.find())
        info = telegram.http.post(f"/bot{SECRET['bot_token']}/getWebhookInfo").json()["result"]
        assert info["url"] == ""
        deployed.manager.put_secret_value(SecretId=NAME, SecretString=json.dumps({**deployed.stored, "bot_token": "x"}))
        assert not stop_posts(deployed.deployment, deployed.find())
