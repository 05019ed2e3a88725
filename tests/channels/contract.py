"""What every channel must keep: one function a clause, named as the promise it checks.

A channel's tests give the clauses what only they can know, in tests/channels/<channel>/examples.py (see `Examples`).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import urlsplit

from chatflow.channels.manifest import CHANNELS, ChannelManifest, load
from chatflow.errors import (
    BadSignature,
    ChannelRefused,
    ChannelUnavailable,
    ChatflowError,
    InvalidInput,
    MediaUnavailable,
    Unavailable,
)
from chatflow.media.profiles import FORMATS
from chatflow.messages import Choices, File, IncomingMedia, IncomingMessage, Option, OutgoingMessage, Text, Webhook
from tests.channels.fake_fetch import FakeFetch, Reply, Request

DEADLINE = 1_800_000_000_000
FILE = b"the bytes of a file" * 10_000
CAPABILITIES = {"buttons", "list", "captions"}
PURE_PARTS = ("webhook", "rendering", "profile")
OUTSIDE = {
    *("boto3", "botocore", "http", "httpx", "os", "random", "requests", "requests_toolbelt", "secrets", "socket"),
    *("subprocess", "time", "urllib3", "logging", "aws_lambda_powertools"),
}
HEAVY = OUTSIDE - {"os", "random", "time", "secrets", "logging"} | {"pydantic", "yaml", "jsonpath", "pathlib"}
MESSAGES: tuple[OutgoingMessage, ...] = (
    Text("Hello"),
    Choices("Which?", (Option("yes", "Yes"), Option("no", "No"))),
    Choices("Which?", tuple(Option(f"id_{number}", f"Option {number}") for number in range(30))),
    File("image", "m1", "a caption"),
    File("document", "m1", "", "claim.pdf"),
    File("audio", "m1"),
    File("video", "m1", "a caption"),
)


class Examples(Protocol):
    SECRET: dict[str, Any]
    ACCOUNT: str
    CONTACT: str
    MEDIA: IncomingMedia  # as the channel would announce FILE

    def sign(self, body: bytes, secret: Mapping[str, Any]) -> dict[str, str]: ...
    def handshake_query(self, secret: Mapping[str, Any]) -> dict[str, str]: ...
    def text_webhook(self, message_id: str, text: str) -> bytes: ...
    def webhook_with_a_bad_part(self, message_id: str) -> bytes: ...
    def answer(self, request: Request) -> Reply: ...
    def refuse(self, request: Request) -> Reply: ...


@dataclass(frozen=True)
class Channel:
    """A channel under test: its folder, the package that the folder is, and its tests' examples."""

    name: str
    folder: Path
    package: str
    examples: Examples

    def part(self, name: str) -> ModuleType:
        return import_module(f"{self.package}.{name}")

    @property
    def manifest(self) -> ChannelManifest:
        return load(self.name, self.folder.parent)

    def client(self, fetch: FakeFetch) -> Any:
        manifest = self.manifest
        examples = self.examples
        return self.part("client").Client(examples.ACCOUNT, examples.SECRET, fetch, manifest.hosts, manifest.api)


def channel(name: str) -> Channel:
    """A channel of the product. A channel without examples cannot be checked, and that is a failure too."""
    try:
        examples: Any = import_module(f"tests.channels.{name}.examples")
    except ModuleNotFoundError:
        raise AssertionError(f"write tests/channels/{name}/examples.py, so that the contract can be checked") from None
    return Channel(name, CHANNELS / name, f"chatflow.channels.{name}", examples)


Clause = Callable[[Channel], None]
CLAUSES: list[Clause] = []


def clause(check: Clause) -> Clause:
    CLAUSES.append(check)
    return check


@clause
def the_manifest_names_where_the_token_may_go(channel: Channel) -> None:
    api = urlsplit(channel.manifest.api)
    assert api.scheme == "https"
    assert api.hostname in channel.manifest.hosts
    assert all(host == host.lower() and "/" not in host for host in channel.manifest.hosts)


@clause
def the_manifest_tells_a_person_where_each_secret_is(channel: Channel) -> None:
    assert channel.manifest.secret
    assert all(len(where) > 20 and "\n" not in where for where in channel.manifest.secret.values())


@clause
def the_manifest_claims_only_known_capabilities(channel: Channel) -> None:
    assert channel.manifest.title
    assert channel.manifest.capabilities <= CAPABILITIES


@clause
def every_part_is_there(channel: Channel) -> None:
    webhook, client = channel.part("webhook"), channel.part("client")
    assert all(callable(getattr(webhook, name, None)) for name in ("handshake", "verify", "parse"))
    assert callable(getattr(channel.part("rendering"), "render", None))
    assert all(callable(getattr(client.Client, name, None)) for name in ("send", "open", "upload"))
    assert 0 < getattr(client, "MEDIA_ID_SECONDS", 0) < 10 * 365 * 86_400


@clause
def pure_parts_import_nothing_of_the_outside(channel: Channel) -> None:
    for part in PURE_PARTS:
        for module in _with_its_own_imports(channel, part):
            assert not _imported(channel.folder / f"{module}.py", anywhere=True) & OUTSIDE, module


@clause
def nothing_heavy_is_imported_before_it_is_used(channel: Channel) -> None:
    for file in channel.folder.glob("*.py"):
        assert not _imported(file, anywhere=False) & HEAVY, file.name


@clause
def the_handshake_answers_who_knows_the_token(channel: Channel) -> None:
    handshake, secret = channel.part("webhook").handshake, channel.examples.SECRET
    query = channel.examples.handshake_query(secret)
    assert handshake(query, secret) in query.values()


@clause
def the_handshake_answers_nobody_else(channel: Channel) -> None:
    handshake, secret = channel.part("webhook").handshake, channel.examples.SECRET
    query = channel.examples.handshake_query(_other(secret))
    assert handshake(query, secret) is None
    assert handshake({}, secret) is None
    assert handshake(channel.examples.handshake_query(_emptied(secret)), _emptied(secret)) is None
    assert handshake(query, {}) is None


@clause
def what_the_channel_signed_is_accepted(channel: Channel) -> None:
    body = channel.examples.text_webhook("m1", "héllo 📷")
    secret = channel.examples.SECRET
    with _must_work("verify"):
        channel.part("webhook").verify(channel.examples.sign(body, secret), body, secret)


@clause
def what_it_did_not_sign_is_refused(channel: Channel) -> None:
    for headers, body, secret in _forgeries(channel):
        with _must_raise(BadSignature):
            channel.part("webhook").verify(headers, body, secret)


@clause
def a_refusal_does_not_tell_the_right_signature(channel: Channel) -> None:
    secret, examples = channel.examples.SECRET, channel.examples
    body = examples.text_webhook("m1", "hello")
    telling = {value.split("=")[-1] for value in examples.sign(body, secret).values()} | set(_values(secret))
    for headers in (examples.sign(body, secret), examples.sign(body, _other(secret)), {}):
        try:
            channel.part("webhook").verify(headers, body, secret)
        except BadSignature as error:
            assert not any(value in _all_words(error) for value in telling)


@clause
def a_text_is_read_into_our_words(channel: Channel) -> None:
    webhook = _parse(channel, channel.examples.text_webhook("m1", "héllo 📷"))
    assert webhook.skipped == []
    [message] = webhook.messages
    told = (message.id, message.channel, message.account, message.contact, message.kind, message.text)
    assert told == ("m1", channel.name, channel.examples.ACCOUNT, channel.examples.CONTACT, "text", "héllo 📷")


@clause
def the_same_body_is_read_the_same_way(channel: Channel) -> None:
    body = channel.examples.text_webhook("m1", "hello")
    assert _parse(channel, body) == _parse(channel, body)


@clause
def a_bad_part_costs_its_siblings_nothing(channel: Channel) -> None:
    webhook = _parse(channel, channel.examples.webhook_with_a_bad_part("good"))
    assert [message.id for message in webhook.messages] == ["good"]
    assert len(webhook.skipped) == 1


@clause
def rubbish_is_invalid_input(channel: Channel) -> None:
    deep = b"[" * 100_000
    for rubbish in (b"", b"{", b"[]", b"null", b"\xff\xfe\xfa", b'{"a": NaN}', deep, b'{"entry":' + deep):
        with _must_raise(InvalidInput):
            channel.part("webhook").parse(rubbish)


@clause
def a_message_survives_the_queue(channel: Channel) -> None:
    [message] = _parse(channel, channel.examples.text_webhook("m1", "hello")).messages
    with _must_work("json"):
        travelled = IncomingMessage.from_json(json.loads(json.dumps(message.to_json())))
    assert travelled == message


@clause
def rendering_is_json_and_repeatable(channel: Channel) -> None:
    for message in MESSAGES:
        bodies = _render(channel, message)
        assert bodies, message
        assert bodies == _render(channel, message)
        with _must_work("json"):
            json.dumps(bodies)


@clause
def every_choice_can_be_chosen(channel: Channel) -> None:
    for count in (1, 3, 4, 10, 11, 30):
        options = tuple(Option(f"id_{number}", f"Option {number}") for number in range(count))
        texts = list(_texts(_render(channel, Choices("Which?", options))))
        by_id = all(option.id in texts for option in options)
        by_number = all(f"{at}. {option.title}" in "\n".join(texts) for at, option in enumerate(options, start=1))
        assert by_id or by_number, f"{count} options"


@clause
def a_long_text_arrives_whole(channel: Channel) -> None:
    words = [f"word{number}" for number in range(3_000)]
    said = " ".join(_texts(_render(channel, Text(" ".join(words))))).split()
    assert [word for word in said if word.startswith("word")] == words


@clause
def the_profile_limits_known_formats(channel: Channel) -> None:
    limits = channel.part("profile").PROFILE.limits
    assert limits
    assert limits.keys() <= FORMATS.keys()
    assert all(isinstance(size, int) and size > 0 for size in limits.values())


@clause
def the_token_goes_to_named_hosts_only(channel: Channel) -> None:
    fetch = FakeFetch(channel.examples.answer)
    _use_everything(channel, fetch)
    assert fetch.requests
    for request in fetch.requests:
        assert request.hosts == channel.manifest.hosts
        assert urlsplit(request.url).hostname in channel.manifest.hosts


@clause
def every_call_keeps_the_deadline(channel: Channel) -> None:
    fetch = FakeFetch(channel.examples.answer)
    _use_everything(channel, fetch)
    assert {request.deadline for request in fetch.requests} == {DEADLINE}
    assert all(reply.closed for reply in fetch.replies)


@clause
def sending_returns_an_id_for_each_body(channel: Channel) -> None:
    for message in MESSAGES:
        ids = channel.client(FakeFetch(channel.examples.answer)).send(message, channel.examples.CONTACT, "t", DEADLINE)
        assert ids
        assert all(isinstance(each, str) and each for each in ids)
        assert len(ids) == len(_render(channel, message))


@clause
def a_file_comes_out_as_it_is(channel: Channel) -> None:
    with channel.client(FakeFetch(channel.examples.answer)).open(channel.examples.MEDIA, DEADLINE) as file:
        assert b"".join(iter(lambda: file.read(10_000), b"")) == FILE
        assert file.size in (0, len(FILE))


@clause
def a_file_is_uploaded_in_small_blocks(channel: Channel) -> None:
    fetch, source = FakeFetch(channel.examples.answer), _Source()
    media_id = channel.client(fetch).upload(source, len(FILE), "application/pdf", "claim.pdf", DEADLINE)
    assert isinstance(media_id, str)
    assert media_id
    assert FILE in fetch.requests[-1].body
    assert source.largest <= 1024 * 1024


@clause
def a_refusal_is_a_channel_refusal(channel: Channel) -> None:
    with _must_raise(ChannelRefused):
        channel.client(FakeFetch(channel.examples.refuse)).send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)


@clause
def an_outage_is_channel_unavailable(channel: Channel) -> None:
    outages = (Reply(503, b"<html>"), Reply(500, b""), Unavailable("nobody there"))
    for outage in outages:
        client = channel.client(FakeFetch(lambda _request, outage=outage: outage))  # type: ignore[misc]
        with _must_raise(ChannelUnavailable):
            client.send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)
        with _must_raise(ChannelUnavailable):
            client.upload(_Source(), len(FILE), "application/pdf", "claim.pdf", DEADLINE)
        with _must_raise(MediaUnavailable), client.open(channel.examples.MEDIA, DEADLINE):
            pass


@clause
def an_error_shows_no_secret_and_no_contact(channel: Channel) -> None:
    def echo(request: Request) -> Reply:
        told = " ".join([*request.headers.values(), request.body.decode("latin-1")])
        refusal = channel.examples.refuse(request)
        return Reply(refusal.status, refusal.body.replace(b"refused", json.dumps(told).encode()[1:-1]))

    for answer in (echo, lambda request: Reply(500, " ".join(request.headers.values()).encode())):
        try:
            channel.client(FakeFetch(answer)).send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)
        except ChatflowError as error:
            told = _all_words(error)
            assert not any(secret in told for secret in _values(channel.examples.SECRET))
            assert channel.examples.CONTACT not in told
        except Exception as error:
            raise AssertionError("an error outside our tree") from error


class _Source:
    """FILE as a stream that remembers the largest block that was asked of it."""

    def __init__(self) -> None:
        self._left = FILE
        self.largest = 0

    def read(self, amount: int = -1, /) -> bytes:
        self.largest = max(self.largest, amount if amount >= 0 else 1 << 40)
        end = amount if amount >= 0 else len(self._left)
        block, self._left = self._left[:end], self._left[end:]
        return block


def _use_everything(channel: Channel, fetch: FakeFetch) -> None:
    client = channel.client(fetch)
    client.send(Text("Hello"), channel.examples.CONTACT, "t", DEADLINE)
    client.upload(_Source(), len(FILE), "application/pdf", "claim.pdf", DEADLINE)
    with client.open(channel.examples.MEDIA, DEADLINE) as file:
        file.read(10)


def _forgeries(channel: Channel) -> Iterator[tuple[dict[str, str], bytes, dict[str, Any]]]:
    examples, secret = channel.examples, channel.examples.SECRET
    body = examples.text_webhook("m1", "hello")
    signed = examples.sign(body, secret)
    yield {}, body, secret
    yield dict.fromkeys(signed, ""), body, secret
    yield dict.fromkeys(signed, "é"), body, secret
    yield examples.sign(body, _other(secret)), body, secret
    yield signed, body + b" ", secret
    yield signed, body, {}
    yield examples.sign(body, _emptied(secret)), body, _emptied(secret)


def _other(secret: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"another-{value}" for name, value in secret.items()}


def _emptied(secret: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(secret, "")


def _values(secret: Mapping[str, Any]) -> list[str]:
    return [str(value) for value in secret.values()]


def _all_words(error: BaseException | None) -> str:
    """What a log would show of an error: its words, its fields, and those of whatever it came from."""
    told = ""
    while error is not None:
        told += f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


@contextmanager
def _must_raise(expected: type[Exception]) -> Iterator[None]:
    try:
        yield
    except expected:
        return
    except Exception as error:
        raise AssertionError(f"{expected.__name__} was promised, not {type(error).__name__}") from error
    raise AssertionError(f"{expected.__name__} was promised")


@contextmanager
def _must_work(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{what} was promised to work") from error


def _parse(channel: Channel, body: bytes) -> Webhook:
    with _must_work("parse"):
        webhook: Webhook = channel.part("webhook").parse(body)
    return webhook


def _render(channel: Channel, message: OutgoingMessage) -> list[Any]:
    bodies: list[Any] = channel.part("rendering").render(message, channel.examples.CONTACT)
    return bodies


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _imported(file: Path, *, anywhere: bool) -> set[str]:
    """The top-level packages that a file imports: when it is imported, or anywhere in it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if anywhere else iter(tree.body)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def _with_its_own_imports(channel: Channel, part: str) -> set[str]:
    """A part and the modules of the same folder that it is made of."""
    seen: set[str] = set()
    waiting = [part]
    while waiting:
        module = waiting.pop()
        if module in seen or not (channel.folder / f"{module}.py").exists():
            continue
        seen.add(module)
        for node in ast.walk(ast.parse((channel.folder / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{channel.package}."):
                waiting.append((node.module or "").removeprefix(f"{channel.package}."))
    return seen
