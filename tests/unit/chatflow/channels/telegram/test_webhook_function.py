"""The deployed webhook for two bots: whose secret verifies a POST, what is queued, and what Telegram gets to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters import aws
from chatflow.settings import WebhookSettings
from tests.fakes.aws_account import an_account
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, CONTACT, SECRET, message, posted, sign, tap
from webhook import handler

OTHER = {**SECRET, "secret_token": "the-other-bots", "bot_id": "7099999999"}


class Webhooks:
    """Both bots' webhooks, and the queue behind them."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def post(self, body: bytes, account: str = ACCOUNT, secret: dict[str, Any] | None = None) -> dict[str, Any]:
        request = {
            "pathParameters": {"channel": "telegram", "account": account},
            "requestContext": {"http": {"method": "POST"}},
            "headers": sign(body, secret or SECRET),
            "body": body.decode(),
        }
        return dict(handler.lambda_handler(request, None))

    def queued(self) -> list[dict[str, Any]]:
        found = aws.client("sqs").receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in found.get("Messages", ())]


@pytest.fixture
def webhooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    with an_account(monkeypatch):
        handler._dependencies.cache_clear()
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = aws.client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
        statuses = aws.client("sqs").create_queue(QueueName="statuses")["QueueUrl"]
        secrets = aws.client("secretsmanager")
        secrets.create_secret(Name="cf/key", SecretString="k")
        for secret in (SECRET, OTHER):
            secrets.create_secret(Name=f"cf/channels/telegram/{secret['bot_id']}", SecretString=json.dumps(secret))
        for name, value in WebhookSettings("test", url, statuses, "cf/key", "cf/channels/").to_environment().items():
            monkeypatch.setenv(name, value)
        yield Webhooks(url)
    handler._dependencies.cache_clear()


def test_a_message_is_queued_for_the_bot_of_the_address(webhooks: Webhooks) -> None:
    answer = webhooks.post(posted("message", message(text="Hello")))
    assert (answer["statusCode"], answer["body"]) == (200, "")
    [event] = webhooks.queued()
    assert (event["channel"], event["account"], event["contact"]) == ("telegram", ACCOUNT, CONTACT)
    assert len(event["aliases"]) == 1  # the username


def test_the_same_person_is_another_conversation_for_another_bot(webhooks: Webhooks) -> None:
    body = posted("message", message(text="Hello"))
    webhooks.post(body)
    webhooks.post(body, OTHER["bot_id"], OTHER)
    assert len({event["conversation"] for event in webhooks.queued()}) == 2


@pytest.mark.parametrize(
    ("account", "secret", "status"),
    [(OTHER["bot_id"], SECRET, 401), (ACCOUNT, OTHER, 401), ("5", SECRET, 404), ("", SECRET, 404)],
)
def test_another_bots_secret_and_an_unknown_bot_are_refused(
    webhooks: Webhooks, account: str, secret: dict[str, Any], status: int
) -> None:
    answer = webhooks.post(posted("callback_query", tap()), account, secret)
    assert (answer["statusCode"], answer["body"]) == (status, "")
    assert webhooks.queued() == []


def test_a_tap_is_queued_with_the_time_of_its_arrival_and_acknowledged_by_telegram(webhooks: Webhooks) -> None:
    answer = webhooks.post(posted("callback_query", tap()))
    assert answer["headers"]["content-type"] == "application/json"
    assert json.loads(answer["body"])["method"] == "answerCallbackQuery"
    [event] = webhooks.queued()
    assert event["message"]["choice"] == "yes"
    assert event["message"]["at"] > 1_700_000_000


def test_no_name_text_id_or_secret_reaches_the_logs(webhooks: Webhooks, capsys: pytest.CaptureFixture[str]) -> None:
    webhooks.post(posted("message", message(text="My plate is B AB 12")))
    webhooks.post(posted("callback_query", tap(message=None)))
    webhooks.post(posted("message", message(text="Hello", chat={"id": -1001234567890, "type": "group"})))
    webhooks.post(posted("message", message(text="Hello")), secret=OTHER)
    shown = capsys.readouterr().out
    assert "message:group" in shown
    for each in (CONTACT, "Sheena", "sheena", "B AB 12", "1001234567890", *SECRET.values(), OTHER["secret_token"]):
        assert each == ACCOUNT or each not in shown
