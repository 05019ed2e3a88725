"""What a channel requests of the deployment: its page and its own routes, answered by the webhook function."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters import aws, secrets
from chatflow.settings import WebhookSettings
from tests.contract.channels.pigeon.examples import ACCOUNT, SECRET, text_webhook
from tests.fakes.aws_account import an_account
from tests.fakes.pigeon import installed_pigeon
from webhook import handler

WHISTLE = {"X-Whistle": SECRET["whistle"]}


@pytest.fixture(params=['"routes", "page"'])
def requests(request: pytest.FixtureRequest) -> str:
    """What the channel requests; a test may choose something else."""
    return str(request.param)


@pytest.fixture
def queue_url(requests: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The deployment; its events queue."""
    with installed_pigeon(tmp_path, requests=requests), an_account(monkeypatch):
        handler._dependencies.cache_clear()
        secrets._cache.clear()
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = aws.client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
        statuses = aws.client("sqs").create_queue(QueueName="statuses")["QueueUrl"]
        manager = aws.client("secretsmanager")
        manager.create_secret(Name=f"cf/channels/pigeon/{ACCOUNT}", SecretString=json.dumps(SECRET))
        manager.create_secret(Name="cf/key", SecretString="k")
        for name, value in WebhookSettings("test", url, statuses, "cf/key", "cf/channels/").to_environment().items():
            monkeypatch.setenv(name, value)
        yield url
    handler._dependencies.cache_clear()


def ask(method: str, headers: dict[str, str] | None = None, body: str = "", **parameters: str) -> dict[str, Any]:
    return handler.lambda_handler(
        {
            "pathParameters": {"channel": "pigeon", **parameters},
            "requestContext": {"http": {"method": method}},
            "headers": headers or {},
            "body": body,
        },
        None,
    )


def text_of(response: dict[str, Any]) -> str:
    return base64.b64decode(response["body"]).decode()


@pytest.mark.usefixtures("queue_url")
def test_a_file_of_the_page_is_served_as_what_it_is_and_can_run_nothing_else() -> None:
    page = ask("GET", file="index.html")
    assert (page["statusCode"], page["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Pigeons</title>" in text_of(page)
    assert ask("GET", file="coo.js")["headers"]["content-type"] == "text/javascript; charset=utf-8"
    policy = page["headers"]["content-security-policy"].split("; ")
    assert {"default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"} <= set(policy)
    assert "unsafe" not in page["headers"]["content-security-policy"]
    assert page["headers"]["x-content-type-options"] == "nosniff"
    assert page["headers"]["referrer-policy"] == "no-referrer"


@pytest.mark.usefixtures("queue_url")
@pytest.mark.parametrize(
    "file", ["", ".", "..", "../webhook.py", "webhook.py", "manifest.toml", "INDEX.HTML", "a\x00b"]
)
def test_nothing_but_the_files_of_the_page_is_served(file: str) -> None:
    response = ask("GET", file=file)
    assert (response["statusCode"], text_of(response)) == (404, "")


@pytest.mark.usefixtures("queue_url")
def test_a_route_is_answered_by_the_channels_module_with_the_secret_of_the_account() -> None:
    response = ask("POST", WHISTLE, "hello", account=ACCOUNT, path="letters/last")
    assert (response["statusCode"], json.loads(text_of(response))) == (200, {"loft": ACCOUNT, "bytes": 5})
    assert response["headers"]["content-type"] == "application/json"
    assert response["headers"]["cache-control"] == "no-store"
    assert response["headers"]["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("queue_url")
@pytest.mark.parametrize(
    ("status", "headers", "account", "path", "body"),
    [
        (401, {"X-Whistle": "another"}, ACCOUNT, "letters/last", "hello"),
        (401, {}, ACCOUNT, "letters/last", "hello"),
        (400, WHISTLE, ACCOUNT, "letters/last", ""),
        (400, WHISTLE, ACCOUNT, "letters/last", "\ud800"),
        (404, WHISTLE, ACCOUNT, "letters/first", "hello"),
        (404, WHISTLE, "another", "letters/last", "hello"),
        (404, WHISTLE, "../whatever", "letters/last", "hello"),
        (413, WHISTLE, ACCOUNT, "letters/last", "x" * (1024 * 1024 + 1)),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_a_route_refuses_tells_nothing(
    status: int, headers: dict[str, str], account: str, path: str, body: str
) -> None:
    response = ask("POST", headers, body, account=account, path=path)
    assert (response["statusCode"], text_of(response)) == (status, "")
    assert response["headers"]["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("queue_url")
@pytest.mark.parametrize("requests", ["", '"page"', '"routes"'], indirect=True)
def test_what_a_channel_does_not_request_is_not_there(requests: str) -> None:
    assert (ask("GET", file="index.html")["statusCode"] == 200) == ("page" in requests)
    route = ask("GET", WHISTLE, account=ACCOUNT, path="letters/last")
    assert (route["statusCode"] == 200) == ("routes" in requests)
    assert ask("GET", channel="bottle", file="index.html")["statusCode"] == 404
    assert ask("GET", WHISTLE, channel="bottle", account=ACCOUNT, path="letters/last")["statusCode"] == 404


@pytest.mark.parametrize("requests", [""], indirect=True)
def test_a_channel_in_a_folder_is_received_with_its_secret_header(queue_url: str) -> None:
    body = text_webhook("m1", "hello").decode()
    assert ask("POST", {"X-Whistle": "another"}, body, account=ACCOUNT)["statusCode"] == 401
    assert ask("POST", WHISTLE, body, account=ACCOUNT)["statusCode"] == 200
    assert ask("GET", account=ACCOUNT)["statusCode"] == 404
    [message] = aws.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(message["Body"])
    assert (event["message"]["channel"], event["message"]["account"]) == ("pigeon", ACCOUNT)
