"""Calls of many threads over kept connections: none is lost, none is made twice, none reads another one's answer."""

from __future__ import annotations

import io
import json
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest

from chatflow.adapters import tls
from chatflow.adapters.aws import calls, connections
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable
from chatflow.errors import MediaUnavailable
from tests.fakes.certificates import Certificates
from tests.unit.chatflow.adapters.aws.kept_server import KeptServer, Received, chunked, http, keeping

THREADS: Final = 8
CALLS: Final = 50  # of each thread
OBJECT: Final = {"Bucket": "b", "Key": "k"}
FORGED: Final = http(b'{"Item": {"id": {"S": "forged"}}}')


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def context(certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """Of the server; AWS_CA_BUNDLE names its authority."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(certificates.authority)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    tls.for_aws.cache_clear()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates.server)
    yield made
    tls.for_aws.cache_clear()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_CREDENTIAL_EXPIRATION", "AWS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(calls.time, "sleep", lambda _: None)
    yield
    connections.close_all()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AwsClient]:
    def client(server: KeptServer, service: str = "dynamodb", *, attempts: int = 3) -> AwsClient:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        return AwsClient(service, read_timeout=10, attempts=attempts, endpoint="")

    return client


def read(client: AwsClient, id: str) -> str:
    return str(client.get_item(TableName="t", Key={"id": {"S": id}})["Item"]["id"]["S"])


def item(request: Received) -> bytes:
    """The answer that has the key of its request."""
    return json.dumps({"Item": json.loads(request.body)["Key"]}).encode()


def unreliable(seed: int) -> Callable[[Received], Any]:
    """Answers rightly in all the ways of HTTP, and often closes a connection: announced, unannounced, or instead of an
    answer to what is not the first request on it.
    """
    chance = random.Random(seed)  # noqa: S311
    lock = threading.Lock()

    def answer(request: Received) -> Any:
        with lock:
            fate = chance.random()
        body = item(request)
        if request.place > 1 and fate < 0.15:
            return None
        if fate < 0.3:
            return http(body, "Connection: close"), False
        if fate < 0.45:
            return http(body), False
        if fate < 0.6:
            return chunked(body)
        if fate < 0.7:
            return b"HTTP/1.0 200 OK\r\n\r\n" + body, False
        return http(body)

    return answer


def of_many_threads(call: Callable[[str], Any]) -> None:
    def several(thread: int) -> None:
        for number in range(CALLS):
            call(f"{thread}-{number}")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(several, range(THREADS)))


def asked(server: KeptServer) -> Counter[str]:
    return Counter(json.loads(request.body)["Key"]["id"]["S"] for request in server.requests)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "tls"])
def test_no_call_is_lost_or_mixed_up(secure: bool, made: Any, context: ssl.SSLContext) -> None:
    answers: dict[str, str] = {}
    with keeping(unreliable(1), context if secure else None) as server:
        client = made(server)
        of_many_threads(lambda id: answers.__setitem__(id, read(client, id)))
    assert len(answers) == THREADS * CALLS
    assert all(found == id for id, found in answers.items())
    assert server.connections < len(server.requests)  # some were kept


@pytest.mark.parametrize("secure", [False, True], ids=["http", "tls"])
def test_no_call_is_made_twice_that_may_not_be_repeated(secure: bool, made: Any, context: ssl.SSLContext) -> None:
    lost: list[str] = []

    def call(id: str) -> None:
        try:
            assert read(client, id) == id
        except AwsUnreachable:
            lost.append(id)

    with keeping(unreliable(2), context if secure else None) as server:
        client = made(server, attempts=1)
        of_many_threads(call)
    assert max(asked(server).values()) == 1
    assert len(lost) < THREADS * CALLS / 4


def test_a_body_that_is_closed_early_is_not_read_as_the_next_answer(made: Any) -> None:
    file = FORGED * 4_000
    with keeping(lambda request: http(file if request.method == "GET" else item(request))) as server:
        store, table = made(server, "s3"), made(server)
        for length in (0, 10, len(FORGED), 100_000):
            body = store.get_object(**OBJECT)["Body"]
            body.read(length)
            body.close()
            assert read(table, "mine") == "mine"
    assert server.connections == 5  # one for each file that was left, and the last one


def test_a_body_that_was_read_gives_its_connection_back_once(made: Any) -> None:
    with keeping(lambda request: http(b"photo" if request.method == "GET" else item(request))) as server:
        store, table = made(server, "s3"), made(server)
        for read_all in (
            lambda body: body.read(),
            lambda body: [body.read(3), body.read(3), body.read(3)],
            lambda body: [body.read_into(memoryview(bytearray(9))), body.read_into(memoryview(bytearray(9)))],
        ):
            body = store.get_object(**OBJECT)["Body"]
            read_all(body)
            body.close()
            body.close()
            (idle,) = connections._idle.values()
            assert len(idle) == 1
        assert read(table, "mine") == "mine"
    assert server.connections == 1


@pytest.mark.parametrize("reading", [
    lambda body: body.read(),
    lambda body: [body.read(4), body.read(4), body.read(4)],
    lambda body: [body.read_into(memoryview(bytearray(4))) for _ in range(3)],
])  # fmt: skip
def test_a_body_that_breaks_off_is_an_outage_and_its_connection_is_not_kept(reading: Any, made: Any) -> None:
    with keeping(lambda _: (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nphoto", False)) as server:
        body = made(server, "s3").get_object(**OBJECT)["Body"]
        with pytest.raises(AwsUnreachable):
            reading(body)
        body.close()
        assert not any(connections._idle.values())


@pytest.mark.parametrize("secure", [False, True], ids=["http", "tls"])
@pytest.mark.parametrize("size", [80, 5_000, io.DEFAULT_BUFFER_SIZE, 12_000])
def test_bytes_behind_an_answer_are_not_the_next_answer(
    size: int, secure: bool, made: Any, context: ssl.SSLContext
) -> None:
    """Also when they were read from the network with the answer, and lie in OpenSSL, where no socket shows them: the
    reader takes so many bytes at once, and a record of TLS is longer.
    """

    def answer(request: Received) -> bytes:
        return _padded(item(request), size) + FORGED

    with keeping(answer, context if secure else None) as server:
        client = made(server)
        for number in range(4):
            assert read(client, f"{number}") == f"{number}"


def _padded(body: bytes, size: int) -> bytes:
    """An answer of exactly this size."""
    head = len(http(b" " * size)) - size
    return http(body.ljust(size - head))


def test_an_answer_of_a_file_without_a_length_is_none(made: Any) -> None:
    with keeping(lambda _: chunked(b"photo")) as server, pytest.raises(AwsUnreachable, match="cannot be read"):
        made(server, "s3", attempts=1).get_object(**OBJECT)
    assert not any(connections._idle.values())


def put(client: AwsClient, body: Iterator[memoryview], length: int) -> Any:
    return client.put_object(**OBJECT, Body=body, ContentLength=length, ContentType="image/jpeg")


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "RequestTimeout"])
def test_a_stream_is_not_sent_again_since_it_is_used_up(code: str, attempts: int, made: Any) -> None:
    error = f"<Error><Code>{code}</Code></Error>".encode()
    with keeping(lambda _: http(error, status="503 Slow Down")) as server, pytest.raises(AwsRefused, match=code):
        put(made(server, "s3", attempts=attempts), iter([memoryview(b"photo")]), 5)
    assert [request.body for request in server.requests] == [b"photo"]


def test_a_refusal_that_comes_before_the_body_is_read_is_understood(made: Any) -> None:
    error = http(b"<Error><Code>AccessDenied</Code></Error>", "Connection: close", status="403 Forbidden")
    block = memoryview(bytes(256 * 1024))
    with (
        keeping(lambda _: error, reads_body=False) as server,
        pytest.raises(AwsRefused, match="AccessDenied"),
    ):
        put(made(server, "s3"), (block for _ in range(20)), 20 * len(block))


@pytest.mark.parametrize("trouble", [MediaUnavailable("it stopped"), KeyboardInterrupt(), RuntimeError("x")], ids=repr)
def test_the_error_of_a_source_passes_through_and_its_connection_is_closed(trouble: BaseException, made: Any) -> None:
    def source() -> Iterator[memoryview]:
        yield memoryview(b"pho")
        raise trouble

    with keeping(lambda _: http(b"")) as server, pytest.raises(type(trouble)):
        put(made(server, "s3"), source(), 5)
    assert not any(connections._idle.values())


@pytest.mark.parametrize("value", ["image/jpeg\r\nx-amz-acl: public-read", "IMG\nb", "image/\u2603"])
def test_a_value_that_would_add_a_header_is_refused_before_anything_is_sent(value: str, made: Any) -> None:
    with keeping(lambda _: http(b"")) as server:
        with pytest.raises(ValueError, match="in content-type") as raised:
            made(server, "s3").put_object(**OBJECT, Body=b"x", ContentType=value)
        assert server.requests == []
    assert value[:3] not in str(raised.value)


def test_errors_say_nothing_of_what_was_sent(made: Any) -> None:
    secret = "+4915112345678"
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + secret.encode()
    with keeping(lambda _: (short, False)) as server, pytest.raises(AwsUnreachable) as cut_off:
        read(made(server), secret)
    with keeping(lambda _: http(b"{" + secret.encode())) as server, pytest.raises(AwsUnreachable) as garbled:
        read(made(server), secret)
    for raised in (cut_off, garbled):
        assert secret not in str(raised.value)
        assert "x-amz" not in str(raised.value).lower()


def test_an_idle_connection_is_kept_for_a_host_at_most_ten_times(made: Any) -> None:
    arrived = threading.Barrier(16)

    def answer(request: Received) -> bytes:
        arrived.wait(10)
        return http(item(request))

    with keeping(answer) as server, ThreadPoolExecutor(16) as pool:
        client = made(server)
        assert set(pool.map(lambda _: read(client, "x"), range(16))) == {"x"}
        assert sum(map(len, connections._idle.values())) == connections._MOST_IDLE


def test_a_name_that_is_no_error_is_no_attribute_of_exceptions() -> None:
    with patch.object(calls.settings, "region", lambda: "eu-west-1"):
        client = AwsClient("s3", read_timeout=1, attempts=1, endpoint="")
    assert not hasattr(client.exceptions, "__wrapped__")
    assert not hasattr(client, "__wrapped__")
