"""What a channel's client must do, with and without errors."""

from __future__ import annotations

import json
from inspect import Parameter, signature
from urllib.parse import urlsplit

from chatflow.errors import (
    ChannelRefused,
    ChannelUnavailable,
    ChatflowError,
    InDoubt,
    MediaUnavailable,
    TooSlow,
    Unavailable,
)
from chatflow.messages import Text
from tests.contract.channels.assertions import error_texts, must_raise, must_work
from tests.contract.channels.channel_under_test import DEADLINE, FILE, Channel
from tests.contract.channels.rendering_clauses import MESSAGES, rendered
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.fakes.outgoing_file import FakeFile


def the_token_goes_to_named_hosts_only(channel: Channel) -> None:
    fetch = FakeFetch(channel.examples.answer)
    _use_everything(channel, fetch)
    assert fetch.requests
    for request in fetch.requests:
        assert request.hosts == channel.manifest.hosts
        assert urlsplit(request.url).hostname in channel.manifest.hosts


def every_call_keeps_the_deadline(channel: Channel) -> None:
    fetch = FakeFetch(channel.examples.answer)
    _use_everything(channel, fetch)
    assert {request.deadline for request in fetch.requests} == {DEADLINE}
    assert all(reply.closed for reply in fetch.replies)


def sending_returns_an_id_for_each_body(channel: Channel) -> None:
    for message in MESSAGES:
        ids = channel.client(FakeFetch(channel.examples.answer)).send(message, channel.examples.CONTACT, "t", DEADLINE)
        assert ids
        assert all(isinstance(each, str) and each for each in ids)
        assert len(ids) == len(rendered(channel, message))


def a_person_recognises_the_account(channel: Channel) -> None:
    assert channel.client(FakeFetch(channel.examples.answer)).account_name(DEADLINE).strip()


def a_file_comes_out_as_it_is(channel: Channel) -> None:
    with channel.client(FakeFetch(channel.examples.answer)).open(channel.examples.MEDIA, DEADLINE) as file:
        assert b"".join(iter(lambda: file.read(10_000), b"")) == FILE
        assert file.size in (0, len(FILE))


def a_file_goes_out_in_small_blocks(channel: Channel) -> None:
    fetch, file = FakeFetch(channel.examples.answer), FakeFile(FILE)
    sent: list[str] = []
    assert channel.client(fetch).deliver(file, channel.examples.CONTACT, "t", DEADLINE, sent) == sent
    assert sent
    assert all(isinstance(each, str) and each for each in sent)
    assert sum(FILE in request.body for request in fetch.requests) == 1
    [source] = file.opened
    assert source.largest <= 1024 * 1024


def what_was_sent_of_a_file_is_not_sent_again(channel: Channel) -> None:
    fetch, file = FakeFetch(channel.examples.answer), FakeFile(FILE)
    client, sent = channel.client(fetch), list[str]()
    with must_work("deliver"):
        client.deliver(file, channel.examples.CONTACT, "t", DEADLINE, sent)
    assert sent
    requests, before = len(fetch.requests), list(sent)
    with must_work("deliver"):
        client.deliver(FakeFile(FILE), channel.examples.CONTACT, "t", DEADLINE, sent)
    assert (len(fetch.requests), sent) == (requests, before)


def a_refusal_is_a_channel_refusal(channel: Channel) -> None:
    with must_raise(ChannelRefused):
        channel.client(FakeFetch(channel.examples.refuse)).send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)


def a_refused_token_is_a_channel_refusal(channel: Channel) -> None:
    with must_raise(ChannelRefused):
        channel.client(FakeFetch(channel.examples.refuse)).account_name(DEADLINE)


def a_refused_token_may_be_asked_for_anew(channel: Channel) -> None:
    """Channels use it differently; all of them accept it, since visits pass it."""
    renewed = signature(channel.part("client").Client).parameters.get("renewed")
    assert renewed is not None
    assert renewed.kind is Parameter.KEYWORD_ONLY
    assert renewed.default is None


def what_was_not_sent_is_channel_unavailable(channel: Channel) -> None:
    for outage in (Reply(429, b"<html>"), Unavailable("nobody there")):
        client = channel.client(FakeFetch(lambda _request, outage=outage: outage))  # type: ignore[misc]
        with must_raise(ChannelUnavailable):
            client.send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)


def what_may_have_been_sent_is_in_doubt(channel: Channel) -> None:
    """A message that may have arrived is repeated once at most, so a client must not call it unsent."""
    for outage in (Reply(503, b"<html>"), Reply(500, b""), Reply(200, b"<html>"), InDoubt("cut"), TooSlow("no answer")):
        client = channel.client(FakeFetch(lambda _request, outage=outage: outage))  # type: ignore[misc]
        with must_raise(InDoubt):
            client.send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)


def only_a_send_can_be_in_doubt(channel: Channel) -> None:
    for outage in (Reply(503, b"<html>"), Reply(500, b""), Unavailable("nobody there"), InDoubt("cut")):
        client = channel.client(FakeFetch(lambda _request, outage=outage: outage))  # type: ignore[misc]
        with must_raise(ChannelUnavailable):
            client.account_name(DEADLINE)
        with must_raise(MediaUnavailable), client.open(channel.examples.MEDIA, DEADLINE):
            pass


def an_error_shows_no_secret_and_no_contact(channel: Channel) -> None:
    def echo(request: Request) -> Reply:
        echoed = " ".join([*request.headers.values(), request.body.decode("latin-1")])
        refusal = channel.examples.refuse(request)
        return Reply(refusal.status, refusal.body.replace(b"refused", json.dumps(echoed).encode()[1:-1]))

    for answer in (echo, lambda request: Reply(500, " ".join(request.headers.values()).encode())):
        try:
            channel.client(FakeFetch(answer)).send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)
        except ChatflowError as error:
            shown = error_texts(error)
            assert not any(secret in shown for secret in channel.examples.SECRET.values())
            assert channel.examples.CONTACT not in shown
        except Exception as error:
            raise AssertionError("an error outside our tree") from error


def what_it_can_mark_as_read_it_marks(channel: Channel) -> None:
    if "read_marks" in channel.manifest.capabilities:
        fetch = FakeFetch(channel.examples.answer)
        channel.client(fetch).mark_as_read("m1", DEADLINE)
        assert len(fetch.requests) == 1


def _use_everything(channel: Channel, fetch: FakeFetch) -> None:
    client = channel.client(fetch)
    client.send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)
    client.deliver(FakeFile(FILE), channel.examples.CONTACT, "t", DEADLINE, [])
    client.account_name(DEADLINE)
    if "read_marks" in channel.manifest.capabilities:
        client.mark_as_read("m1", DEADLINE)
    with client.open(channel.examples.MEDIA, DEADLINE) as file:
        file.read(10)
