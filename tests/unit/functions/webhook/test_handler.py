"""The webhook's Lambda with the real WhatsApp channel, on AWS as moto plays it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatflow.adapters import aws, secrets
from chatflow.settings import WebhookSettings
from tests.fakes.aws_account import Call, an_account, counted_calls, on_call, watched_calls
from webhook import handler

SECRET = {"app_secret": "shh", "verify_token": "v", "access_token": "a", "phone_number_id": "106"}


@pytest.fixture
def queue_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with an_account(monkeypatch):
        handler._dependencies.cache_clear()
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = aws.client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
        aws.client("secretsmanager").create_secret(Name="cf/channels/whatsapp", SecretString=json.dumps(SECRET))
        aws.client("secretsmanager").create_secret(Name="cf/key", SecretString="k")
        statuses = aws.client("sqs").create_queue(QueueName="statuses")["QueueUrl"]
        settings = WebhookSettings("test", url, statuses, "cf/key", "cf/channels/")
        for name, value in settings.to_environment().items():
            monkeypatch.setenv(name, value)
        yield url
    handler._dependencies.cache_clear()


def post(body: bytes, *, encoded: bool = False, secret: str = SECRET["app_secret"]) -> dict[str, Any]:
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return handler.lambda_handler(
        {
            "pathParameters": {"channel": "whatsapp"},
            "requestContext": {"http": {"method": "POST"}},
            "headers": {"X-Hub-Signature-256": signature},
            "body": base64.b64encode(body).decode() if encoded else body.decode(),
            "isBase64Encoded": encoded,
        },
        None,
    )


def updates(count: int) -> bytes:
    messages = [
        {"from": f"1650{n}", "id": f"wamid.{n}", "timestamp": "1744344496", "type": "text", "text": {"body": "grüße"}}
        for n in range(count)
    ]
    metadata = {"display_phone_number": "1555", "phone_number_id": "106"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": messages}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def statuses(count: int, status: str = "delivered", first: int = 0) -> bytes:
    """Meta's largest POST of statuses, with ids as long as Meta's."""
    each = [
        {"id": f"wamid.{n:060}", "status": status, "timestamp": "1744344496", "recipient_id": f"1650{n}"}
        for n in range(first, first + count)
    ]
    metadata = {"display_phone_number": "1555", "phone_number_id": "106"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": each}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def queued(url: str) -> int:
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(attributes["Attributes"]["ApproximateNumberOfMessages"])


def test_a_thousand_updates_in_one_post_are_all_queued(queue_url: str) -> None:
    queued_ids: list[str] = []

    def accept(_call: Call, _service: str, _operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        queued_ids.extend(entry["MessageDeduplicationId"] for entry in parameters["Entries"])
        return {"Successful": [{"Id": entry["Id"]} for entry in parameters["Entries"]]}

    post(updates(1))  # reads the secrets, which are then cached
    with watched_calls(accept):
        assert post(updates(1000))["statusCode"] == 200
    assert len(set(queued_ids)) == 1000


def test_a_thousand_updates_with_one_refused_by_the_queue_are_answered_with_a_server_error(queue_url: str) -> None:
    """SQS answers 200 and names the entry that it refused."""
    calls: list[str] = []

    def refuse_the_last(_call: Call, _service: str, operation: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        calls.append(operation)
        failed = [{"Id": "0", "Code": "InternalError", "SenderFault": False}] if len(calls) == 100 else []
        return {"Successful": [{"Id": str(entry)} for entry in range(len(failed), 10)], "Failed": failed}

    post(updates(1))  # reads the secrets, which are then cached
    with watched_calls(refuse_the_last):
        assert post(updates(1000))["statusCode"] == 503


def test_a_webhook_whose_answer_was_lost_queues_its_messages_once(queue_url: str) -> None:
    """The function dies, or runs out of time, when its events are queued and before it answers: the channel repeats."""

    class KilledError(BaseException):
        pass

    def die(_: dict[str, Any]) -> None:
        raise KilledError

    with on_call("SendMessageBatch", after=die), pytest.raises(KilledError):
        post(updates(3))
    assert queued(queue_url) == 3

    assert post(updates(3))["statusCode"] == 200
    assert queued(queue_url) == 3


def test_a_thousand_statuses_in_one_post_are_two_calls_at_most_and_no_call_to_a_table(queue_url: str) -> None:
    post(statuses(1))  # reads the secrets, which are then cached
    with counted_calls() as calls:
        assert post(statuses(1000))["statusCode"] == 200
    assert set(calls) == {"sqs:SendMessageBatch"}
    assert len(calls) <= 2
    assert queued(queue_url) == 0


def test_a_body_that_api_gateway_encoded_is_verified_by_its_own_bytes(queue_url: str) -> None:
    assert post(updates(1), encoded=True)["statusCode"] == 200
    assert queued(queue_url) == 1


def test_a_bad_signature_is_401_and_nothing_is_queued(queue_url: str) -> None:
    assert post(updates(1), secret="wrong")["statusCode"] == 401
    assert queued(queue_url) == 0


def test_no_phone_number_text_or_signature_reaches_the_logs(queue_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    post(updates(3))
    post(updates(3), secret="wrong")
    post(b'{"object": "whatsapp_business_account", "entry": "16500 gr"}')
    logged = capsys.readouterr().out
    assert "bad_signature" in logged
    for private in ("16500", "16502", "gr\\u00fc", "grüße", "sha256=", "shh"):
        assert private not in logged


@pytest.mark.parametrize("channel", ["nothing", "../whatsapp", "os", "Whatsapp", "whatsapp.webhook", "manifest"])
def test_an_unknown_channel_is_404(queue_url: str, channel: str) -> None:
    request = {
        "pathParameters": {"channel": channel},
        "requestContext": {"http": {"method": "GET"}},
        "queryStringParameters": {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "1"},
    }
    assert handler.lambda_handler(request, None)["statusCode"] == 404


def test_the_handshake_is_answered(queue_url: str) -> None:
    request = {
        "pathParameters": {"channel": "whatsapp"},
        "requestContext": {"http": {"method": "GET"}},
        "queryStringParameters": {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "1158201444"},
    }
    answer = handler.lambda_handler(request, None)
    assert (answer["statusCode"], answer["body"]) == (200, "1158201444")


def test_an_app_secret_is_rotated_in_the_middle_of_traffic_and_no_webhook_is_refused(
    queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(secrets.time, "monotonic", lambda: now[0])

    def hold(app_secret: str | list[str]) -> None:
        held = json.dumps({**SECRET, "app_secret": app_secret})
        aws.client("secretsmanager").put_secret_value(SecretId="cf/channels/whatsapp", SecretString=held)

    def answers(signing: str) -> int:
        now[0] += 40  # a webhook each forty seconds, so that the kept secret is old now and then
        return int(post(updates(1), secret=signing)["statusCode"])

    hold("old")
    statuses = [answers("old") for _ in range(3)]
    hold(["new", "old"])  # before Meta changes over
    statuses += [answers(signing) for signing in ("old", "new", "old", "new", "new")]
    hold("new")
    statuses += [answers("new") for _ in range(10)]
    assert statuses == [200] * len(statuses)
    assert answers("old") == 401


@pytest.mark.parametrize(
    ("body", "encoded"),
    [("%%% no base64 %%%a", True), ("abc", True), ("ü", True), ('{"text": "\ud83d"}', False)],
    ids=["no-base64", "cut-base64", "not-ascii", "half-a-surrogate"],
)
def test_body_not_text(body: str, encoded: bool, queue_url: str) -> None:
    """A body that stands for no bytes is answered. whatsapp.json: body-not-text"""
    request = {
        "pathParameters": {"channel": "whatsapp"},
        "requestContext": {"http": {"method": "POST"}},
        "headers": {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        "body": body,
        "isBase64Encoded": encoded,
    }
    assert handler.lambda_handler(request, None)["statusCode"] == 400
    assert queued(queue_url) == 0


@pytest.mark.parametrize("text", [rb"\ud83d", rb"\ude00 cut", b"\xed\xa0\xbd"])
def test_body_not_text_within_a_signed_body(text: bytes, queue_url: str) -> None:
    """Half a surrogate, escaped or as bytes that are no UTF-8, in a body whose signature is right."""
    body = updates(1).replace("grüße".encode(), b"gr").replace(b"gr\\u00fc\\u00dfe", text)
    assert post(body, encoded=True)["statusCode"] == 200
