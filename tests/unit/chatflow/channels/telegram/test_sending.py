"""Messages to customers: what is called, what comes back, and what a failure means."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chatflow.channels.telegram.client import Client
from chatflow.errors import (
    AddressRefused,
    ChannelRefused,
    ChannelUnavailable,
    ChatflowError,
    InDoubt,
    NotPublished,
    TooSlow,
    Unavailable,
)
from chatflow.messages import Choices, Option, Text
from tests.contract.channels.channel_under_test import DEADLINE
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, CONTACT, SECRET, answer, error, result, sent

HOSTS = frozenset({"api.telegram.org"})
URL = "https://api.telegram.org"


def client_of(fetch: FakeFetch, renewed: Callable[[], Mapping[str, Any]] | None = None) -> Client:
    return Client(ACCOUNT, SECRET, fetch, HOSTS, URL, renewed=renewed)


def test_a_text_is_one_call_and_its_id_the_one_that_a_tap_names() -> None:
    fetch = FakeFetch(answer)
    assert client_of(fetch).send(Text("Hello"), CONTACT, "t", DEADLINE) == ["58"]
    [request] = fetch.requests
    assert (request.method, request.url) == ("POST", f"{URL}/bot{SECRET['bot_token']}/sendMessage")
    assert json.loads(request.body)["text"] == "Hello"
    assert not any(SECRET["bot_token"] in each for each in request.headers.values())


def test_pieces_that_were_sent_are_not_sent_again() -> None:
    replies = iter([result(sent()), error(429, "Too Many Requests", retry_after=3), result(sent(message_id=60))])
    fetch = FakeFetch(lambda _request: next(replies))
    question = Choices("word " * 1200, (Option("a", "A"),))
    ids: list[str] = []
    with pytest.raises(ChannelUnavailable) as limit:
        client_of(fetch).send(question, CONTACT, "t", DEADLINE, ids)
    assert (ids, limit.value.after) == (["58"], 3.0)
    assert client_of(fetch).send(question, CONTACT, "t", DEADLINE, ids) == ["58", "60"]
    assert ["reply_markup" in json.loads(each.body) for each in fetch.requests] == [False, True, True]


@pytest.mark.parametrize("found", [None, {}, {"message_id": 0}, {"message_id": "x"}, [], True])
def test_a_message_without_an_id_may_have_been_sent(found: Any) -> None:
    with pytest.raises(InDoubt):
        client_of(FakeFetch(lambda _request: result(found))).send(Text("Hello"), CONTACT, "t", DEADLINE)


@pytest.mark.parametrize("body", [b'{"ok":true}', b"{}", b"[]", b"", b'{"ok":1,"result":{"message_id":5}}'])
def test_an_answer_of_another_shape_leaves_the_message_in_doubt(body: bytes) -> None:
    with pytest.raises(InDoubt):
        client_of(FakeFetch(lambda _request: Reply(200, body))).send(Text("Hello"), CONTACT, "t", DEADLINE)


def test_a_refusal_counts_whatever_the_http_status_says() -> None:
    refused = Reply(200, b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}')
    with pytest.raises(ChannelRefused) as blocked:
        client_of(FakeFetch(lambda _request: refused)).send(Text("Hello"), CONTACT, "t", DEADLINE)
    assert (blocked.value.code, blocked.value.cause) == (403, "unreachable")


@pytest.mark.parametrize("error", [InDoubt("cut"), TooSlow("no answer"), AddressRefused("no"), Unavailable("away")])
def test_what_an_error_came_from_is_not_handed_on(error: ChatflowError) -> None:
    """A library may name the address that it called, and with it the token."""

    def fail(request: Request) -> ChatflowError:
        error.__cause__ = ValueError(request.url)
        return error

    with pytest.raises(ChatflowError) as raised:
        client_of(FakeFetch(fail)).send(Text("Hello"), CONTACT, "t", DEADLINE)
    assert SECRET["bot_token"] not in "".join(traceback.format_exception(raised.value))


class Rotation:
    """Telegram knows the new token only."""

    def __init__(self) -> None:
        self.new = {**SECRET, "bot_token": f"{ACCOUNT}:BBH-theNewTokenOfTheExamples_0123456789"}
        self.fetch = FakeFetch(self._answer)

    def _answer(self, request: Request) -> Reply:
        return answer(request) if self.new["bot_token"] in request.url else error(401, "Unauthorized")


def test_a_revoked_token_is_read_again_and_the_call_repeated() -> None:
    rotation = Rotation()
    client = client_of(rotation.fetch, lambda: rotation.new)
    assert client.send(Text("Hello"), CONTACT, "t", DEADLINE) == ["58"]
    assert client.send(Text("Hello"), CONTACT, "t", DEADLINE) == ["58"]
    assert len(rotation.fetch.requests) == 3


def test_a_revoked_token_without_a_new_one_is_a_refusal_after_one_call() -> None:
    rotation = Rotation()
    with pytest.raises(ChannelRefused, match="store a new bot_token"):
        client_of(rotation.fetch, lambda: SECRET).send(Text("Hello"), CONTACT, "t", DEADLINE)
    assert len(rotation.fetch.requests) == 1


@pytest.mark.parametrize(
    "token",
    [
        "",
        None,
        7,
        "token",
        "123",
        ":abc",
        "123:ab/../cdefghijklmnopqrstuvw",
        "123:" + "a b" * 12,
        "123:" + "a" * 30 + "\n",
    ],
)
def test_what_is_no_token_is_never_called_with(token: Any) -> None:
    with pytest.raises(NotPublished, match="bot_token") as refused:
        Client(ACCOUNT, {**SECRET, "bot_token": token}, FakeFetch(answer), HOSTS, URL)
    assert not isinstance(token, str) or len(token) < 10 or token not in str(refused.value)


def test_the_token_alone_names_the_account() -> None:
    unnamed = Client("", {"bot_token": SECRET["bot_token"]}, FakeFetch(answer), HOSTS, URL)
    assert unnamed.account_id(DEADLINE) == ACCOUNT == SECRET["bot_id"]


def test_a_person_sees_whose_token_it_is_and_a_token_of_another_bot_is_refused() -> None:
    assert client_of(FakeFetch(answer)).account_name(DEADLINE) == "Example (@example_bot)"
    other = FakeFetch(lambda _request: result({"id": 5, "is_bot": True, "first_name": "X", "username": "x_bot"}))
    with pytest.raises(ChannelRefused, match="another bot"):
        client_of(other).account_name(DEADLINE)


@pytest.mark.parametrize("found", [None, {}, {"id": int(ACCOUNT)}, []])
def test_an_account_that_nobody_can_name_is_unavailable(found: Any) -> None:
    with pytest.raises(ChannelUnavailable):
        client_of(FakeFetch(lambda _request: result(found))).account_name(DEADLINE)


def test_the_webhook_is_set_with_its_secret_and_only_for_what_is_read() -> None:
    fetch = FakeFetch(answer)
    client_of(fetch).register_webhook("https://hooks.example/webhooks/telegram/1", SECRET["secret_token"], DEADLINE)
    [request] = fetch.requests
    assert request.path.endswith("/setWebhook")
    assert json.loads(request.body) == {
        "url": "https://hooks.example/webhooks/telegram/1",
        "secret_token": SECRET["secret_token"],
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
    }


def test_a_webhook_that_telegram_did_not_confirm_may_be_set_again() -> None:
    with pytest.raises(ChannelUnavailable):
        client_of(FakeFetch(lambda _request: Reply(502, b""))).register_webhook("https://x.example", "s", DEADLINE)
    with pytest.raises(ChannelRefused, match="bad webhook"):
        refusal = error(400, "Bad Request: bad webhook: HTTPS url must be provided for webhook")
        client_of(FakeFetch(lambda _request: refusal)).register_webhook("http://x.example", "s", DEADLINE)
