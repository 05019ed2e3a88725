"""Several accounts of a channel: whose secret verifies a request, and under whose name a message is queued."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.adapters import aws, channel_accounts, secrets
from chatflow.settings import WebhookSettings
from tests.fakes.aws_account import an_account, on_call
from tests.unit.chatflow.channels.whatsapp.examples import sign
from webhook import handler

# Two numbers of one app, one of another app, and what an older deploy has: one secret for the channel.
ONE = {"app_secret": "app-1", "verify_token": "verify-1", "access_token": "token-1", "phone_number_id": "101"}
SAME_APP = {**ONE, "access_token": "token-2", "phone_number_id": "102"}
OTHER_APP = {"app_secret": "app-3", "verify_token": "v3", "access_token": "token-3", "phone_number_id": "103"}
OLDER = {"app_secret": "app-0", "verify_token": "v0", "access_token": "token-0", "phone_number_id": "100"}


class Clock:
    """Monotonic seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Webhooks:
    """A deployed webhook: what is posted to it, what it queues, and which secrets it looks up."""

    def __init__(self, queue_url: str, clock: Clock) -> None:
        self.clock = clock
        self.looked_up: list[str] = []
        self._queue_url = queue_url

    def store(self, name: str, content: Any) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        client = aws.client("secretsmanager")
        try:
            client.create_secret(Name=f"cf/channels/{name}", SecretString=text)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=f"cf/channels/{name}", SecretString=text)

    def delete(self, name: str) -> None:
        aws.client("secretsmanager").delete_secret(SecretId=f"cf/channels/{name}", RecoveryWindowInDays=7)

    def post(self, account: str | None, *messages: str, app_secret: str, kind: str = "messages") -> int:
        """The status for one POST with a message to each of these numbers."""
        body = of_numbers(*messages, kind=kind)
        request = {
            "pathParameters": {"channel": "whatsapp", **({} if account is None else {"account": account})},
            "requestContext": {"http": {"method": "POST"}},
            "headers": sign(body, {"app_secret": app_secret}),
            "body": body.decode(),
        }
        return int(handler.lambda_handler(request, None)["statusCode"])

    def greet(self, account: str | None, verify_token: str) -> int:
        query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": "1"}
        request = {
            "pathParameters": {"channel": "whatsapp", **({} if account is None else {"account": account})},
            "requestContext": {"http": {"method": "GET"}},
            "queryStringParameters": query,
        }
        return int(handler.lambda_handler(request, None)["statusCode"])

    def queued(self) -> Counter[str]:
        """The accounts of all messages that were queued since the last call."""
        accounts: Counter[str] = Counter()
        sqs = aws.client("sqs")
        while found := sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages"):
            for each in found:
                accounts[json.loads(each["Body"])["message"]["account"]] += 1
                sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=each["ReceiptHandle"])
        return accounts


_numbers = iter(range(10**9))


def of_numbers(*accounts: str, kind: str = "messages") -> bytes:
    changes = []
    for account in accounts:
        number = next(_numbers)
        update: dict[str, Any] = {"id": f"wamid.{number}", "timestamp": "1744344496"}
        if kind == "statuses":
            update |= {"status": "delivered", "recipient_id": "16505551234"}
        else:
            update |= {"from": f"1650{number:07}", "type": "text", "text": {"body": "hi"}}
        value = {"metadata": {"phone_number_id": account}, kind: [update]}
        changes.append({"field": "messages", "value": value})
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}).encode()


@pytest.fixture
def webhooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    clock = Clock()
    monkeypatch.setattr(secrets, "time", clock)
    monkeypatch.setattr(channel_accounts, "time", clock)
    with an_account(monkeypatch):
        handler._dependencies.cache_clear()
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        url = aws.client("sqs").create_queue(QueueName="events.fifo", Attributes=attributes)["QueueUrl"]
        statuses = aws.client("sqs").create_queue(QueueName="statuses")["QueueUrl"]
        aws.client("secretsmanager").create_secret(Name="cf/key", SecretString="k")
        for name, value in WebhookSettings("test", url, statuses, "cf/key", "cf/channels/").to_environment().items():
            monkeypatch.setenv(name, value)
        webhooks = Webhooks(url, clock)

        def count(parameters: dict[str, Any]) -> None:
            webhooks.looked_up.append(parameters["SecretId"])

        with on_call("GetSecretValue", before=count):
            yield webhooks
    handler._dependencies.cache_clear()


def metric(capsys: pytest.CaptureFixture[str], name: str) -> int:
    """The sum of a metric in what was written since the last call."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return int(sum(sum(line[name]) for line in lines if isinstance(line.get(name), list)))


def test_the_path_names_the_account_whose_secret_verifies(webhooks: Webhooks) -> None:
    webhooks.store("whatsapp/101", ONE)
    webhooks.store("whatsapp/103", OTHER_APP)
    assert webhooks.post("101", "101", app_secret="app-1") == 200
    assert webhooks.post("103", "103", app_secret="app-3") == 200
    assert webhooks.post("103", "103", app_secret="app-1") == 401
    assert webhooks.queued() == {"101": 1, "103": 1}
    assert [webhooks.greet("101", token) for token in ("verify-1", "v3")] == [200, 403]


def test_one_post_carries_messages_of_several_numbers_of_one_app(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.store("whatsapp/101", ONE)
    webhooks.store("whatsapp/102", SAME_APP)
    assert webhooks.post("101", "101", "102", "101", app_secret="app-1") == 200
    assert webhooks.queued() == {"101": 2, "102": 1}
    assert metric(capsys, "AccountMismatch") == 0


@pytest.mark.parametrize("kind", ["messages", "statuses"])
def test_what_names_another_apps_number_is_counted_and_never_queued(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    webhooks.store("whatsapp/101", ONE)
    webhooks.store("whatsapp/103", OTHER_APP)
    assert webhooks.post("101", "101", "103", "103", app_secret="app-1", kind=kind) == 200
    assert metric(capsys, "AccountMismatch") == 2
    assert webhooks.queued() == ({"101": 1} if kind == "messages" else {})


def test_a_message_to_a_number_that_is_not_connected_is_counted_and_never_queued(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.store("whatsapp/101", ONE)
    webhooks.store("whatsapp", {**OLDER, "app_secret": "random", "phone_number_id": ""})
    assert webhooks.post("101", "999", "101", app_secret="app-1") == 200
    assert metric(capsys, "AccountMismatch") == 1
    assert webhooks.queued() == {"101": 1}


def test_an_account_that_is_not_connected_is_404_with_one_metric(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.store("whatsapp", OLDER)
    assert webhooks.post("999", "999", app_secret="app-0") == 404
    assert metric(capsys, "UnknownAccount") == 1
    assert webhooks.greet("999", "v0") == 404
    assert webhooks.queued() == {}


def test_the_webhook_of_the_channel_alone_goes_on_for_every_number_of_its_app(webhooks: Webhooks) -> None:
    """As before there were accounts: one secret for the channel, whose app may have several numbers."""
    webhooks.store("whatsapp", OLDER)
    assert webhooks.greet(None, "v0") == 200
    assert webhooks.post(None, "100", "7", app_secret="app-0") == 200
    assert webhooks.post(None, "100", app_secret="another") == 401
    assert webhooks.queued() == {"100": 1, "7": 1}


def test_the_connected_number_of_the_older_secret_has_a_webhook_of_its_own_as_well(webhooks: Webhooks) -> None:
    webhooks.store("whatsapp", OLDER)
    assert webhooks.greet("100", "v0") == 200
    assert webhooks.post("100", "100", app_secret="app-0") == 200
    assert webhooks.queued() == {"100": 1}


def test_a_number_that_got_a_secret_of_its_own_is_no_longer_the_older_secrets(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.store("whatsapp", OLDER)
    webhooks.store("whatsapp/103", OTHER_APP)
    assert webhooks.post(None, "100", "103", app_secret="app-0") == 200
    assert webhooks.queued() == {"100": 1}
    assert metric(capsys, "AccountMismatch") == 1


def test_a_disconnected_account_is_unknown_even_where_the_older_secret_would_do(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.store("whatsapp", OLDER)
    webhooks.store("whatsapp/100", OLDER)
    webhooks.delete("whatsapp/100")
    assert webhooks.post("100", "100", app_secret="app-0") == 404
    assert webhooks.post(None, "100", app_secret="app-0") == 200
    assert metric(capsys, "AccountMismatch") == 1
    assert webhooks.queued() == {}


def test_a_secret_that_names_another_account_queues_nothing(
    webhooks: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.store("whatsapp/101", SAME_APP)
    assert webhooks.post("101", "101", app_secret="app-1") == 200
    assert metric(capsys, "AccountMismatch") == 1
    assert webhooks.queued() == {}


@pytest.mark.parametrize("garbage", ["", "no json", "[]", "7", '"text"', "null", "[" * 100_000])
def test_a_secret_that_holds_no_object_is_answered_so_that_the_channel_sends_again(
    webhooks: Webhooks, garbage: str
) -> None:
    webhooks.store("whatsapp/101", garbage or " ")
    webhooks.store("whatsapp/102", SAME_APP)
    assert webhooks.post("101", "101", app_secret="app-1") == 503
    assert webhooks.post("102", "101", "102", "101", app_secret="app-1") == 503
    assert webhooks.queued() == {"102": 1}, "a broken secret blocks no other number of its app"
    webhooks.store("whatsapp/101", ONE)
    webhooks.clock.seconds += 301
    assert webhooks.post("102", "101", "102", app_secret="app-1") == 200
    assert webhooks.queued() == {"101": 1, "102": 1}


@pytest.mark.parametrize("content", [{}, {"app_secret": ""}, {"app_secret": 7}, {"app_secret": [None, ""]}])
def test_a_secret_without_what_verifies_accepts_nothing(webhooks: Webhooks, content: dict[str, Any]) -> None:
    webhooks.store("whatsapp/101", content)
    assert webhooks.post("101", "101", app_secret="") == 401
    assert webhooks.queued() == {}


NO_ACCOUNTS = [
    "",
    ".",
    "..",
    "a.b",
    "%2e%2e",
    "%2F",
    "a%2Fb",
    "/101",
    "101/",
    "../101",
    "101 ",
    "x" * 300,
    "\uff11\uff10\uff11",
]
NO_ACCOUNTS += ["é", "💬", "101\n", "-101", "_", "101\x00", "arn:aws:secretsmanager", "*", "101?", "101#", "101;"]


@pytest.mark.parametrize("account", NO_ACCOUNTS, ids=range(len(NO_ACCOUNTS)))
def test_what_cannot_be_an_account_is_404_and_never_looked_up(webhooks: Webhooks, account: str) -> None:
    webhooks.store("whatsapp", OLDER)
    webhooks.store("whatsapp/101", ONE)
    for each in (account, unquote(account)):
        if each != "101":
            assert webhooks.post(each, "101", app_secret="app-1") == 404
            assert webhooks.greet(each, "verify-1") == 404
    assert webhooks.looked_up == []
    assert webhooks.queued() == {}


@given(st.text())
def test_a_name_is_an_account_only_if_it_names_one_secret_below_its_channel(text: str) -> None:
    name = channel_accounts.secret_name("cf/channels/", "whatsapp", text)
    if channel_accounts.is_account(text):
        assert name.count("/") == 3
        assert name.isascii()
        assert len(name) < 512


def test_a_stranger_who_posts_to_random_names_causes_a_few_look_ups_a_second_at_most(webhooks: Webhooks) -> None:
    webhooks.store("whatsapp", OLDER)
    webhooks.store("whatsapp/101", ONE)
    assert webhooks.post("101", "101", app_secret="app-1") == 200  # which this process knows from now on
    webhooks.looked_up.clear()
    answers: Counter[int] = Counter()
    for second in range(10):
        for number in range(20):
            answers[webhooks.post(f"random-{second}-{number}", "101", app_secret="app-1")] += 1
        assert webhooks.post("101", "101", app_secret="app-1") == 200
        webhooks.clock.seconds += 1
    assert len(webhooks.looked_up) <= 10 * channel_accounts.MISSES_PER_SECOND + 20
    assert answers[404] + answers[503] == 200
    assert webhooks.queued() == {"101": 11}


@pytest.mark.parametrize("is_known", [True, False], ids=["a warm process", "a cold process"])
def test_strangers_never_keep_out_the_number_that_the_older_secret_names(webhooks: Webhooks, is_known: bool) -> None:
    """That it has no secret of its own is forgotten in half a minute; then it looks like a stranger's name."""
    webhooks.store("whatsapp", OLDER)
    if is_known:
        assert webhooks.post("100", "100", app_secret="app-0") == 200
    answers: Counter[int] = Counter()
    for second in range(0, 100, 10):
        webhooks.clock.seconds += 10
        for number in range(100):
            answers[webhooks.post(f"random-{second}-{number}", "100", app_secret="x")] += 1
        assert webhooks.post("100", "100", app_secret="app-0") == 200
    assert answers[503] > answers[404] > 0
    per_name = Counter(webhooks.looked_up)
    assert per_name["cf/channels/whatsapp"] <= 1 + 100 // 30
    assert per_name["cf/channels/whatsapp/100"] <= 1 + 100 // 30


def test_the_same_unknown_name_is_looked_up_once_in_half_a_minute(webhooks: Webhooks) -> None:
    webhooks.store("whatsapp", OLDER)
    for _ in range(20):
        assert webhooks.post("999", "999", app_secret="x") == 404
    assert Counter(webhooks.looked_up)["cf/channels/whatsapp/999"] == 1
    webhooks.clock.seconds += 31
    webhooks.store("whatsapp/999", {**ONE, "phone_number_id": "999"})
    assert webhooks.post("999", "999", app_secret="app-1") == 200


def test_strangers_do_not_make_the_process_forget_which_numbers_have_no_secret_of_their_own(
    webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names that were asked for longest ago are forgotten first, and all of five minutes are remembered."""
    most = secrets._MOST_ABSENT
    assert most > secrets.CACHE_SECONDS * channel_accounts.MISSES_PER_SECOND + 10
    monkeypatch.setattr(secrets, "_MOST_ABSENT", 30)
    webhooks.store("whatsapp", OLDER)
    for number in range(60):
        webhooks.clock.seconds += 1
        webhooks.post(f"random-{number}", "100", app_secret="x")
        if number % 20 == 0:
            webhooks.clock.seconds += secrets.CACHE_SECONDS
            assert webhooks.post(None, "100", app_secret="app-0") == 200
    webhooks.looked_up.clear()
    assert webhooks.post(None, "100", app_secret="app-0") == 200
    assert webhooks.looked_up == []
    assert len(secrets._cache) <= 31


@pytest.mark.parametrize(
    ("stored", "path", "numbers", "app_secret", "cold"),
    [
        ({"whatsapp/101": ONE}, "101", ("101",), "app-1", ["cf/channels/whatsapp/101"]),
        ({"whatsapp": OLDER}, None, ("100",), "app-0", ["cf/channels/whatsapp", "cf/channels/whatsapp/100"]),
        (
            {"whatsapp/101": ONE, "whatsapp/102": SAME_APP},
            "101",
            ("101", "102"),
            "app-1",
            ["cf/channels/whatsapp/101", "cf/channels/whatsapp/102"],
        ),
    ],
    ids=["an account", "the channel alone", "two numbers"],
)
def test_a_warm_process_looks_nothing_up_and_a_cold_one_once_for_each_account(  # noqa: PLR0917
    webhooks: Webhooks,
    stored: dict[str, Any],
    path: str | None,
    numbers: tuple[str, ...],
    app_secret: str,
    cold: list[str],
) -> None:
    for name, content in stored.items():
        webhooks.store(name, content)
    assert webhooks.post(path, *numbers, app_secret=app_secret) == 200
    assert sorted(webhooks.looked_up) == sorted([*cold, "cf/key"])
    webhooks.looked_up.clear()
    webhooks.clock.seconds += 299
    assert webhooks.post(path, *numbers, app_secret=app_secret) == 200
    assert webhooks.looked_up == []


def test_an_app_secret_of_two_numbers_is_rotated_and_no_webhook_is_refused(webhooks: Webhooks) -> None:
    for account, content in (("101", ONE), ("102", SAME_APP)):
        webhooks.store(f"whatsapp/{account}", content)
    assert webhooks.post("101", "101", "102", app_secret="app-1") == 200
    for account, content in (("101", ONE), ("102", SAME_APP)):
        webhooks.store(f"whatsapp/{account}", {**content, "app_secret": ["new", "app-1"]})
    webhooks.clock.seconds += 31
    assert webhooks.post("101", "101", "102", app_secret="new") == 200
    assert webhooks.queued() == {"101": 2, "102": 2}
