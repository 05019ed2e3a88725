"""What a channel's client must do, with and without errors."""

from __future__ import annotations

import json
import re
from contextlib import suppress
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
from tests.contract.channels.applicability import only_with, only_without
from tests.contract.channels.assertions import error_texts, must_raise, must_work
from tests.contract.channels.channel_under_test import DEADLINE, FILE, Channel
from tests.contract.channels.rendering_clauses import MESSAGES, rendered
from tests.fakes.fetch import FakeFetch, Reply, Request
from tests.fakes.outgoing_file import FakeFile, ForgottenFile

NO_TIME_FOR_ANOTHER_ATTEMPT = 1  # as a deadline: an upload, which may be repeated, is not


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


def a_file_is_sent_once_also_when_its_id_cannot_be_remembered(channel: Channel) -> None:
    """A worker may die there. What the customer has got by then stands in `sent`."""
    fetch, file = FakeFetch(channel.examples.answer), ForgottenFile(FILE)
    client, sent = channel.client(fetch), list[str]()
    with suppress(KeyboardInterrupt):
        client.deliver(file, channel.examples.CONTACT, "t", DEADLINE, sent)
    with must_work("deliver"):
        client.deliver(FakeFile(FILE), channel.examples.CONTACT, "t", DEADLINE, sent)
    contact = channel.examples.CONTACT.encode()
    addressed = [request for request in fetch.requests if contact in request.url.encode() + request.body]
    assert len(addressed) == len(sent) == 1


def a_file_has_the_name_of_each_sending(channel: Channel) -> None:
    """One file may go to each customer under another name, which no other customer may read."""
    first = FakeFile(FILE, filename="contract-anna.pdf")
    _deliver(channel, first)
    fetch, second = FakeFetch(channel.examples.answer), FakeFile(FILE, filename="contract-ben.pdf")
    second.stored_id = first.stored_id
    with must_work("deliver"):
        channel.client(fetch).deliver(second, channel.examples.CONTACT, "t", DEADLINE, [])
    said = b"".join(request.url.encode() + request.body for request in fetch.requests)
    assert b"contract-ben.pdf" in said
    assert b"contract-anna.pdf" not in said


@only_with("captions")
def a_caption_is_shown_with_its_picture(channel: Channel) -> None:
    sent, bodies = _deliver(channel, FakeFile(FILE, "image", "image/jpeg", "car.jpg", "My car"))
    assert len(sent) == 1
    assert b"My car" in b"".join(bodies)


@only_without("captions")
def a_caption_follows_its_picture(channel: Channel) -> None:
    sent, bodies = _deliver(channel, FakeFile(FILE, "image", "image/jpeg", "car.jpg", "My car"))
    assert len(sent) == 2
    assert b"My car" in bodies[-1]


def exactly_the_captions_are_seen_that_the_channel_shows(channel: Channel) -> None:
    """What its LIMITS say is what flows are validated by."""
    limits = getattr(channel.part("profile"), "LIMITS", None)
    assert limits is not None
    for kind, mime in {
        "image": "image/jpeg",
        "document": "application/pdf",
        "audio": "audio/mpeg",
        "video": "video/mp4",
    }.items():
        bodies = _deliver(channel, FakeFile(FILE, kind, mime, "a-file", "My car"))[1]
        assert (b"My car" in b"".join(bodies)) == (kind in limits.captioned)


def a_long_caption_arrives_whole(channel: Channel) -> None:
    words = [b"word%d" % number for number in range(1_000)]
    file = FakeFile(FILE, "image", "image/jpeg", "car.jpg", b" ".join(words).decode())
    assert re.findall(rb"word\d+", b"".join(_deliver(channel, file)[1])) == words


@only_with("upload")
def what_the_channel_holds_is_not_read_again(channel: Channel) -> None:
    first = FakeFile(FILE)
    _deliver(channel, first)
    assert len(first.remembered) == 1
    [(id, seconds)] = first.remembered
    assert isinstance(id, str)
    assert seconds > 0
    again = FakeFile(FILE, stored_id=id)
    _, bodies = _deliver(channel, again)
    assert again.opened == []
    assert id.encode() in b"".join(bodies)


@only_with("upload")
def what_the_channel_forgot_is_uploaded_again(channel: Channel) -> None:
    file, sent = FakeFile(FILE, stored_id="forgotten"), list[str]()

    def refuse_first(request: Request) -> Reply:
        return channel.examples.answer(request) if fetch.replies else channel.examples.refuse(request)

    fetch = FakeFetch(refuse_first)
    with must_work("deliver"):
        channel.client(fetch).deliver(file, channel.examples.CONTACT, "t", DEADLINE, sent)
    assert any(FILE in request.body for request in fetch.requests[1:])
    assert len(sent) == len(file.remembered) == 1


@only_with("upload")
def an_upload_is_never_in_doubt(channel: Channel) -> None:
    for outage in (Reply(503, b"<html>"), Reply(500, b""), Unavailable("nobody there"), InDoubt("cut")):
        client = channel.client(FakeFetch(lambda _request, outage=outage: outage))  # type: ignore[misc]
        with must_raise(ChannelUnavailable):
            client.deliver(FakeFile(FILE), channel.examples.CONTACT, "t", NO_TIME_FOR_ANOTHER_ATTEMPT, [])


@only_without("upload")
def a_file_is_sent_in_one_request(channel: Channel) -> None:
    file = FakeFile(FILE)
    sent, bodies = _deliver(channel, file)
    assert len(sent) == len(bodies) == len(file.opened) == 1
    assert file.opened[0].largest <= 1024 * 1024


@only_without("upload")
def a_file_that_may_have_been_sent_is_in_doubt(channel: Channel) -> None:
    outages = {ChannelUnavailable: Unavailable("nobody there"), InDoubt: InDoubt("cut")}
    for expected, outage in (*outages.items(), (InDoubt, Reply(503, b"<html>")), (InDoubt, Reply(200, b"<html>"))):
        client = channel.client(FakeFetch(lambda _request, outage=outage: outage))  # type: ignore[misc]
        with must_raise(expected):
            client.deliver(FakeFile(FILE), channel.examples.CONTACT, "t", NO_TIME_FOR_ANOTHER_ATTEMPT, [])


def a_refused_file_is_a_channel_refusal(channel: Channel) -> None:
    with must_raise(ChannelRefused):
        channel.client(FakeFetch(channel.examples.refuse)).deliver(
            FakeFile(FILE), channel.examples.CONTACT, "t", DEADLINE, []
        )


@only_with("statuses")
def the_tag_goes_out_with_the_message(channel: Channel) -> None:
    fetch = FakeFetch(channel.examples.answer)
    channel.client(fetch).send(Text("Hello"), channel.examples.CONTACT, "a-tag", DEADLINE, [])
    assert b"a-tag" in fetch.requests[-1].body


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


def a_wait_that_the_channel_asks_for_is_passed_on(channel: Channel) -> None:
    """Whatever the call, and whichever of its requests is refused: who comes back earlier is refused again."""
    busy = Reply(429, b"<html>", {"retry-after": "7"})
    for use in (_send, _deliver_file, _read_file):
        fetch = FakeFetch(channel.examples.answer)
        with must_work(use.__name__):
            use(channel, fetch)
        for step in range(len(fetch.requests)):
            try:
                use(channel, _answering(channel, step, busy))
            except (ChannelUnavailable, MediaUnavailable) as error:
                assert error.after == 7.0
            except Exception as error:
                raise AssertionError("an error without a time to wait") from error
            else:
                raise AssertionError("a refusal was not noticed")


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


@only_with("read_marks")
def what_it_can_mark_as_read_it_marks(channel: Channel) -> None:
    fetch = FakeFetch(channel.examples.answer)
    channel.client(fetch).mark_as_read("m1", DEADLINE)
    assert len(fetch.requests) == 1


def _answering(channel: Channel, requests: int, then: Reply) -> FakeFetch:
    """Answers so many requests as the channel does, and all later ones with the same."""
    fetch = FakeFetch(lambda request: channel.examples.answer(request) if len(fetch.replies) < requests else then)
    return fetch


def _send(channel: Channel, fetch: FakeFetch) -> None:
    channel.client(fetch).send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)


def _deliver_file(channel: Channel, fetch: FakeFetch) -> None:
    channel.client(fetch).deliver(FakeFile(FILE), channel.examples.CONTACT, "t", NO_TIME_FOR_ANOTHER_ATTEMPT, [])


def _read_file(channel: Channel, fetch: FakeFetch) -> None:
    with channel.client(fetch).open(channel.examples.MEDIA, DEADLINE) as file:
        file.read(10)


def _deliver(channel: Channel, file: FakeFile) -> tuple[list[str], list[bytes]]:
    """Deliver a file; returns the ids of its pieces and the bodies of all requests."""
    fetch, sent = FakeFetch(channel.examples.answer), list[str]()
    with must_work("deliver"):
        channel.client(fetch).deliver(file, channel.examples.CONTACT, "t", DEADLINE, sent)
    return sent, [request.body for request in fetch.requests]


def _use_everything(channel: Channel, fetch: FakeFetch) -> None:
    client = channel.client(fetch)
    client.send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)
    client.deliver(FakeFile(FILE), channel.examples.CONTACT, "t", DEADLINE, [])
    client.account_name(DEADLINE)
    if "read_marks" in channel.manifest.capabilities:
        client.mark_as_read("m1", DEADLINE)
    with client.open(channel.examples.MEDIA, DEADLINE) as file:
        file.read(10)
