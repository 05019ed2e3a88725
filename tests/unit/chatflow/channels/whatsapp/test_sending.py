"""Sending: what goes over the wire, and what each way of failing means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.channels.manifest import load
from chatflow.channels.whatsapp.client import Client
from chatflow.errors import (
    AddressRefused,
    ChannelInDoubt,
    ChannelRefused,
    ChannelUnavailable,
    InDoubt,
    NotPublished,
    Unavailable,
)
from chatflow.messages import Text
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.unit.chatflow.channels.whatsapp.examples import ACCOUNT, CONTACT, SECRET, answer, at_version, error

pytestmark = pytest.mark.usefixtures("graph_version")

DEADLINE = 1_800_000_000_000
HELLO = Text("Hello")
LONG = Text("\n\n".join("word " * 500 for _ in range(4)))


def _client(fetch: FakeFetch, **changes: Any) -> Client:
    manifest = at_version()
    return Client(
        **{
            "account": ACCOUNT,
            "secret": SECRET,
            "fetch": fetch,
            "hosts": manifest.hosts,
            "url": manifest.api,
            **changes,
        }
    )


def answer_with(id: str) -> Reply:
    return Reply(200, json.dumps({"messages": [{"id": id}]}).encode())


def _send(*replies: Reply | Exception, message: Text = HELLO) -> list[str]:
    left = list(replies)
    return _client(FakeFetch(lambda _request: left.pop(0))).send(message, CONTACT, "v1", DEADLINE)


def test_a_message_is_posted_to_the_number_with_the_token() -> None:
    fetch = FakeFetch(answer)
    assert _client(fetch).send(Text("Grüße 📷"), CONTACT, "visit-7", DEADLINE) == ["wamid.sent"]
    [request] = fetch.requests
    assert (request.method, request.url) == ("POST", f"{at_version().api}/{ACCOUNT}/messages")
    assert request.headers["authorization"] == f"Bearer {SECRET['access_token']}"
    assert request.headers["content-type"] == "application/json"
    assert request.redirects == 0
    body = json.loads(request.body)
    assert (body["to"], body["text"]["body"]) == (CONTACT, "Grüße 📷")
    assert body["biz_opaque_callback_data"] == "visit-7"


@pytest.mark.parametrize(("tag", "sent"), [("", None), ("x" * 600, "x" * 512)])
def test_a_tag_stays_within_what_meta_echoes(tag: str, sent: str | None) -> None:
    fetch = FakeFetch(answer)
    _client(fetch).send(Text("Hello"), CONTACT, tag, DEADLINE)
    assert json.loads(fetch.requests[0].body).get("biz_opaque_callback_data") == sent


def test_a_long_text_is_sent_in_order_and_every_id_returned() -> None:
    count = iter(range(9))
    fetch = FakeFetch(lambda _request: Reply(200, json.dumps({"messages": [{"id": f"wamid.{next(count)}"}]}).encode()))
    assert _client(fetch).send(LONG, CONTACT, "t", DEADLINE) == ["wamid.0", "wamid.1", "wamid.2", "wamid.3"]
    tags = [json.loads(request.body)["biz_opaque_callback_data"] for request in fetch.requests]
    assert tags == ["t", "t#1", "t#2", "t#3"]  # a status tells which piece it is about


def test_nothing_to_say_calls_nobody() -> None:
    fetch = FakeFetch(answer)
    assert _client(fetch).send(Text(" "), CONTACT, "t", DEADLINE) == []
    assert fetch.requests == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error(131026, "no"), ChannelRefused),
        (error(131056, "slow down"), ChannelUnavailable),
        (Unavailable("refused"), ChannelUnavailable),
        (InDoubt("no answer"), InDoubt),
        (AddressRefused("inside"), AddressRefused),
        (Reply(200, b"not json"), InDoubt),
        (Reply(200, b"{}"), InDoubt),
        (Reply(200, b'{"messages": []}'), InDoubt),
        (Reply(200, b'{"messages": [{"id": ""}]}'), InDoubt),
        (Reply(200, b'{"messages": [{"id": 7}]}'), InDoubt),
        (Reply(200, b'{"mess', breaks=InDoubt("cut")), InDoubt),
        (Reply(200, b" " * 1_000_000), InDoubt),
        (Reply(503, b"", breaks=InDoubt("cut")), ChannelInDoubt),
        (Reply(403, b"", breaks=Unavailable("late")), ChannelRefused),
        (Reply(302, b"", {"location": "https://elsewhere.example"}), ChannelRefused),
    ],
    ids=str,
)
def test_a_failed_send_is(reply: Reply | Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        _send(reply)
    assert type(caught.value) is expected


@pytest.mark.parametrize("second", [error(131056, "slow down"), Unavailable("gone")], ids=str)
def test_a_longer_text_that_stops_half_way_goes_on_where_it_stopped(second: Reply | Exception) -> None:
    replies = [answer_with("wamid.1"), second, *(answer_with(f"wamid.{number}") for number in (2, 3, 4))]
    fetch = FakeFetch(lambda _request: replies.pop(0))
    client, sent = _client(fetch), list[str]()
    with pytest.raises(ChannelUnavailable):
        client.send(LONG, CONTACT, "t", DEADLINE, sent)
    assert sent == ["wamid.1"]

    assert client.send(LONG, CONTACT, "t", DEADLINE, sent) == ["wamid.1", "wamid.2", "wamid.3", "wamid.4"]
    assert len(fetch.requests) == 5


def test_a_longer_text_whose_second_part_gets_no_answer_is_in_doubt() -> None:
    with pytest.raises(InDoubt):
        _send(answer_with("wamid.1"), InDoubt("no answer"), message=LONG)


def test_a_longer_text_that_is_refused_half_way_is_refused() -> None:
    with pytest.raises(ChannelRefused):
        _send(Reply(200, b'{"messages": [{"id": "wamid.1"}]}'), error(131047, "24 hours"), message=LONG)


@pytest.mark.parametrize("token", [None, "", 7])
def test_without_a_token_nothing_is_tried(token: Any) -> None:
    with pytest.raises(NotPublished, match="access_token"):
        _client(FakeFetch(answer), secret={"access_token": token})


def test_a_client_shows_no_token_when_printed() -> None:
    client = _client(FakeFetch(answer))
    assert SECRET["access_token"] not in repr(client) + repr(vars(client))


def test_a_number_from_outside_cannot_change_the_path() -> None:
    fetch = FakeFetch(answer)
    _client(fetch, account="1/../2?x=").send(Text("Hello"), CONTACT, "t", DEADLINE)
    assert fetch.requests[0].url == f"{at_version().api}/1%2F..%2F2%3Fx%3D/messages"


def test_a_read_mark_shows_that_an_answer_is_being_prepared() -> None:
    fetch = FakeFetch(lambda _request: Reply(200, b'{"success": true}'))
    _client(fetch).mark_as_read("wamid.1", DEADLINE)
    [request] = fetch.requests
    assert (request.method, request.url) == ("POST", f"{at_version().api}/{ACCOUNT}/messages")
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    }


def test_behind_another_address_calls_go_there() -> None:
    fetch = FakeFetch(answer)
    moved = load("whatsapp").at("http://127.0.0.1:9100/v23.0")
    _client(fetch, hosts=moved.hosts, url=moved.api).send(Text("Hello"), CONTACT, "t", DEADLINE)
    request: Request = fetch.requests[0]
    assert request.url == f"http://127.0.0.1:9100/v23.0/{ACCOUNT}/messages"
    assert request.hosts == moved.hosts
