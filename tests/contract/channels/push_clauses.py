"""Whom a channel admits to the connections of its contacts, and what its client pushes to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from inspect import Parameter, signature
from typing import Any

from chatflow.channels.connections import MAX_BYTES, ConnectRequest
from chatflow.errors import BadSignature
from chatflow.messages import Text
from tests.contract.channels.applicability import only_with
from tests.contract.channels.assertions import error_texts, must_raise, must_work
from tests.contract.channels.channel_under_test import DEADLINE, Channel
from tests.contract.channels.forgery import comparisons, emptied, other
from tests.fakes.fetch import FakeFetch

NOW = DEADLINE // 1000
DAY = 86_400


@only_with("push")
def a_token_admits_its_contact(channel: Channel) -> None:
    assert _admitted(channel) == channel.examples.CONTACT


@only_with("push")
def nobody_is_admitted_without_a_token(channel: Channel) -> None:
    for request, secret in _forgeries(channel):
        with must_raise(BadSignature):
            channel.part("push").admit(request, secret)


@only_with("push")
def a_token_is_of_all_that_the_request_says(channel: Channel) -> None:
    """Whoever has a token changes neither whose it is nor how long it lasts."""
    secret, request = channel.examples.SECRET, channel.examples.connect(channel.examples.SECRET, NOW)
    for name in request.query.keys() - {"channel", "account"}:
        for value in ("", "0", "é", f"{request.query[name]}0", f"0{request.query[name]}"):
            with must_raise(BadSignature):
                channel.part("push").admit(replace(request, query={**request.query, name: value}), secret)


@only_with("push")
def a_token_does_not_last(channel: Channel) -> None:
    """It is in a URL, which others store."""
    assert _admitted(channel)
    request = channel.examples.connect(channel.examples.SECRET, NOW)
    with must_raise(BadSignature):
        channel.part("push").admit(replace(request, now=NOW + DAY), channel.examples.SECRET)


@only_with("push")
def tokens_are_compared_in_constant_time(channel: Channel) -> None:
    admit, secret = channel.part("push").admit, channel.examples.SECRET
    with comparisons(equal=False) as compared, must_raise(BadSignature):
        admit(channel.examples.connect(secret, NOW), secret)
    with comparisons(equal=True), must_work("admit"):
        admit(channel.examples.connect(other(secret), NOW), secret)
    assert compared, "call hmac.compare_digest by this name"


@only_with("push")
def a_refused_connection_tells_nothing(channel: Channel) -> None:
    secret = channel.examples.SECRET
    for request in (
        channel.examples.connect(secret, NOW),
        channel.examples.connect(secret, NOW - DAY),
        channel.examples.connect(other(secret), NOW),
        ConnectRequest(channel.examples.ACCOUNT, {}, {}, NOW),
    ):
        private = {*secret.values(), *channel.examples.connect(secret, NOW).query.values()} - {channel.name, ""}
        try:
            channel.part("push").admit(request, secret)
        except BadSignature as error:
            assert not any(each in error_texts(error) for each in private - {channel.examples.ACCOUNT})


@only_with("push")
def the_same_request_is_admitted_the_same_way(channel: Channel) -> None:
    assert _admitted(channel) == _admitted(channel)


@only_with("push")
def what_is_sent_is_pushed(channel: Channel) -> None:
    """A push is one frame, and a channel without a deployment around it (`chatflow channels`) pushes nothing."""
    new = channel.part("client").Client
    parameter = signature(new).parameters.get("push")
    assert parameter is not None
    assert (parameter.kind, parameter.default) == (Parameter.KEYWORD_ONLY, None)
    pushed: list[bytes] = []

    def push(body: bytes) -> int:
        pushed.append(body)
        return 1

    manifest, examples, fetch = channel.manifest, channel.examples, FakeFetch(channel.examples.answer)
    client = new(examples.ACCOUNT, examples.SECRET, fetch, manifest.hosts, manifest.api, push=push)
    with must_work("send"):
        client.send(Text("Hello"), examples.CONTACT, "t", DEADLINE, [])
        client.send(Text("long " * 20_000), examples.CONTACT, "t", DEADLINE, [])
    assert any(b"Hello" in body for body in pushed)
    assert all(len(body) <= MAX_BYTES for body in pushed)


def _admitted(channel: Channel) -> str:
    with must_work("admit"):
        contact: str = channel.part("push").admit(
            channel.examples.connect(channel.examples.SECRET, NOW), channel.examples.SECRET
        )
    return contact


def _forgeries(channel: Channel) -> Iterator[tuple[ConnectRequest, dict[str, Any]]]:
    connect, secret = channel.examples.connect, channel.examples.SECRET
    request = connect(secret, NOW)
    yield replace(request, query={}, headers={}), secret
    yield replace(request, query={name: request.query[name] for name in ("channel", "account")}), secret
    yield connect(other(secret), NOW), secret
    yield request, {}
    yield connect(emptied(secret), NOW), emptied(secret)
