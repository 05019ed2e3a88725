"""What a channel's webhook must do with signed, forged and malformed requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chatflow.errors import BadSignature, InvalidInput
from chatflow.messages import DELIVERY_RANK, IncomingMessage, Webhook
from tests.contract.channels.applicability import only_with, only_without
from tests.contract.channels.assertions import error_texts, must_raise, must_work
from tests.contract.channels.channel_under_test import Channel
from tests.contract.channels.forgery import comparisons, emptied, other


@only_with("handshake")
def the_handshake_answers_who_knows_the_token(channel: Channel) -> None:
    handshake, secret = channel.part("webhook").handshake, channel.examples.SECRET
    query = channel.examples.handshake_query(secret)
    assert handshake(query, secret) in query.values()


@only_with("handshake")
def the_handshake_answers_nobody_else(channel: Channel) -> None:
    handshake, secret = channel.part("webhook").handshake, channel.examples.SECRET
    query = channel.examples.handshake_query(other(secret))
    assert handshake(query, secret) is None
    assert handshake({}, secret) is None
    assert handshake(channel.examples.handshake_query(emptied(secret)), emptied(secret)) is None
    assert handshake(query, {}) is None


@only_with("handshake")
def the_handshake_is_compared_in_constant_time(channel: Channel) -> None:
    handshake, secret = channel.part("webhook").handshake, channel.examples.SECRET
    with comparisons(equal=False) as compared:
        assert handshake(channel.examples.handshake_query(secret), secret) is None
    with comparisons(equal=True):
        assert handshake(channel.examples.handshake_query(other(secret)), secret) is not None
    assert compared, "call hmac.compare_digest by this name"


@only_without("handshake")
def a_get_has_no_answer(channel: Channel) -> None:
    assert not hasattr(channel.part("webhook"), "handshake")


def what_the_channel_signed_is_accepted(channel: Channel) -> None:
    body = channel.examples.text_webhook("m1", "héllo 📷")
    secret = channel.examples.SECRET
    with must_work("verify"):
        channel.part("webhook").verify(channel.examples.sign(body, secret), body, secret)


def what_it_did_not_sign_is_refused(channel: Channel) -> None:
    for headers, body, secret in _forgeries(channel):
        with must_raise(BadSignature):
            channel.part("webhook").verify(headers, body, secret)


@only_with("signs_body")
def a_signature_is_of_its_body_alone(channel: Channel) -> None:
    secret, body = channel.examples.SECRET, channel.examples.text_webhook("m1", "hello")
    with must_raise(BadSignature):
        channel.part("webhook").verify(channel.examples.sign(body, secret), body + b" ", secret)


@only_without("signs_body")
def a_secret_header_is_the_same_for_every_body(channel: Channel) -> None:
    secret, body = channel.examples.SECRET, channel.examples.text_webhook("m1", "hello")
    headers = channel.examples.sign(body, secret)
    assert headers == channel.examples.sign(b"", secret)
    with must_work("verify"):
        channel.part("webhook").verify(headers, body + b" ", secret)


def secrets_are_compared_in_constant_time(channel: Channel) -> None:
    """The comparison decides alone: no other one, which would take longer the more of a guess is right, comes first."""
    secret, body = channel.examples.SECRET, channel.examples.text_webhook("m1", "hello")
    verify = channel.part("webhook").verify
    with comparisons(equal=False) as compared, must_raise(BadSignature):
        verify(channel.examples.sign(body, secret), body, secret)
    with comparisons(equal=True), must_work("verify"):
        verify(channel.examples.sign(body, other(secret)), body, secret)
    assert compared, "call hmac.compare_digest by this name"


def a_refusal_does_not_tell_the_right_signature(channel: Channel) -> None:
    secret, examples = channel.examples.SECRET, channel.examples
    body = examples.text_webhook("m1", "hello")
    signatures = {value.split("=")[-1] for value in examples.sign(body, secret).values()} | set(secret.values())
    for headers in (examples.sign(body, secret), examples.sign(body, other(secret)), {}):
        try:
            channel.part("webhook").verify(headers, body, secret)
        except BadSignature as error:
            assert not any(value in error_texts(error) for value in signatures)


def a_text_is_read_into_our_words(channel: Channel) -> None:
    webhook = _parsed(channel, channel.examples.text_webhook("m1", "héllo 📷"))
    assert webhook.skipped == []
    [message] = webhook.messages
    fields = (message.channel, message.account, message.contact, message.kind, message.text)
    assert fields == (channel.name, channel.examples.ACCOUNT, channel.examples.CONTACT, "text", "héllo 📷")


def a_message_keeps_its_own_id(channel: Channel) -> None:
    """It makes a repeated webhook harmless."""
    bodies = [channel.examples.text_webhook(name, "hello") for name in ("m1", "m1", "m2")]
    ids = [message.id for body in bodies for message in _parsed(channel, body).messages]
    assert all(ids)
    assert ids[0] == ids[1] != ids[2]


def the_account_is_the_bodys_or_the_paths(channel: Channel) -> None:
    """A body that names its account decides; of one that does not, the address that it came to says it."""
    [message] = _parsed(channel, channel.examples.text_webhook("m1", "hello"), "of-the-path").messages
    assert message.account in (channel.examples.ACCOUNT, "of-the-path")


def the_same_body_is_read_the_same_way(channel: Channel) -> None:
    body = channel.examples.text_webhook("m1", "hello")
    assert _parsed(channel, body) == _parsed(channel, body)


@only_with("batches")
def a_bad_part_costs_its_siblings_nothing(channel: Channel) -> None:
    webhook = _parsed(channel, channel.examples.webhook_with_a_bad_part("good"))
    assert [message.id for message in webhook.messages] == ["good"]
    assert len(webhook.skipped) == 1


@only_without("batches")
def what_is_not_understood_is_counted(channel: Channel) -> None:
    webhook = _parsed(channel, channel.examples.unknown_update())
    assert (webhook.messages, webhook.echoes, webhook.deliveries) == ([], [], [])
    assert len(webhook.skipped) == 1


@only_with("statuses")
def a_status_repeats_the_tag_of_the_message(channel: Channel) -> None:
    """It shows whether a message in doubt was sent."""
    deliveries = _parsed(channel, channel.examples.status_webhook("m1", "effect#1")).deliveries
    assert len(deliveries) == 1
    [delivery] = deliveries
    assert (delivery.message_id, delivery.tag, delivery.channel) == ("m1", "effect#1", channel.name)
    assert (delivery.account, delivery.contact) == (channel.examples.ACCOUNT, channel.examples.CONTACT)
    assert delivery.status in DELIVERY_RANK


@only_with("albums")
def files_that_were_sent_together_say_so(channel: Channel) -> None:
    messages = [each for body in channel.examples.album(3) for each in _parsed(channel, body).messages]
    assert len({each.id for each in messages}) == 3
    assert all(each.media and each.album for each in messages)
    assert len({each.album for each in messages}) == 1


@only_without("batches")
def what_it_wants_as_an_answer_is_json(channel: Channel) -> None:
    for body in (channel.examples.text_webhook("m1", "hello"), channel.examples.unknown_update()):
        answer = _parsed(channel, body).answer
        with must_work("json"):
            json.loads(answer or "{}")


def rubbish_is_invalid_input(channel: Channel) -> None:
    deep = b"[" * 100_000
    for rubbish in (b"", b"{", b"[]", b"null", b"\xff\xfe\xfa", b'{"a": NaN}', deep, b'{"entry":' + deep):
        with must_raise(InvalidInput):
            channel.part("webhook").parse(rubbish, channel.examples.ACCOUNT)


def a_message_survives_the_queue(channel: Channel) -> None:
    [message] = _parsed(channel, channel.examples.text_webhook("m1", "hello")).messages
    with must_work("json"):
        travelled = IncomingMessage.from_json(json.loads(json.dumps(message.to_json())))
    assert travelled == message


def _forgeries(channel: Channel) -> Iterator[tuple[dict[str, str], bytes, dict[str, Any]]]:
    examples, secret = channel.examples, channel.examples.SECRET
    body = examples.text_webhook("m1", "hello")
    signed = examples.sign(body, secret)
    yield {}, body, secret
    yield dict.fromkeys(signed, ""), body, secret
    yield dict.fromkeys(signed, "é"), body, secret
    yield examples.sign(body, other(secret)), body, secret
    yield signed, body, {}
    yield examples.sign(body, emptied(secret)), body, emptied(secret)


def _parsed(channel: Channel, body: bytes, account: str = "") -> Webhook:
    with must_work("parse"):
        webhook: Webhook = channel.part("webhook").parse(body, account or channel.examples.ACCOUNT)
    return webhook
