"""The connections to AWS: real clients against a real TLS server."""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chatflow.adapters import aws, tls
from chatflow.adapters.aws import botocore_clients, botocore_connections, calls, connections, settings
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable
from chatflow.adapters.s3.media_store import MediaStore
from chatflow.errors import MediaUnavailable, OwnTrouble
from tests.fakes.certificates import Certificates
from tests.fakes.http_server import says, serving
from tests.fakes.tls_server import Answer, Answering, Received, TlsServer, serving_tls

TARGET = {"Content-Type": "application/x-amz-json-1.0"}
KEY = "media/c_1/s_1/1-x"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def bundle(certificates: Certificates, tmp_path: Path) -> Path:
    file = tmp_path / "bundle.pem"
    file.write_text(certificates.authority)
    return file


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch, bundle: Path) -> Iterator[None]:
    """Caches as in a process that begins; AWS_CA_BUNDLE names the authority of the server."""
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "first", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CA_BUNDLE": str(bundle),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    for module in ("botocore.endpoint", calls.__name__):
        monkeypatch.setattr(f"{module}.time.sleep", lambda _: None)
    forget()
    yield
    forget()


def forget() -> None:
    made = (aws.client, botocore_client, botocore_clients.session, settings._refreshed_by_botocore)
    for cache in (*made, tls.for_aws, tls.for_hosts):
        cache.cache_clear()
    botocore_connections._pools.clear()
    connections.close_all()


@pytest.fixture
def aws_is(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    @contextmanager
    def started(answering: Answering, host: str = "127.0.0.1") -> Iterator[TlsServer]:
        with serving_tls(certificates, answering) as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(host))
            yield server

    return started


def at_rest(request: Received) -> Answer:
    """JSON for services that name their operations; of S3, a file or nothing."""
    body = b"photo" if request.method == "GET" else b""
    return Answer(b"{}" if "x-amz-target" in request.headers else body, headers=TARGET)


def refuses(code: str, times: int = 1_000, status: int = 400) -> Answering:
    """The first requests are refused with this code."""
    seen: list[Received] = []

    def answer(request: Received) -> Answer:
        seen.append(request)
        if len(seen) > times:
            return at_rest(request)
        return Answer(json.dumps({"__type": code, "message": "no"}).encode(), status, TARGET)

    return answer


def read(attempts: int = 3) -> Any:
    return aws.client("dynamodb", attempts=attempts).get_item(TableName="t", Key={"k": {"S": "x"}})


def photo() -> MediaStore:
    """What an inbound photo asks of S3, and a read."""
    store = MediaStore("media", "assets")
    store.write(KEY, io.BytesIO(b"photo"), 5, "image/jpeg", 10)
    store.mark_clean(KEY)
    with store.open(KEY) as stream:
        stream.read()
    return store


def test_authorities_are_read_once_however_many_clients_and_connections_there_are(
    aws_is: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_bundles: list[Any] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(*given: Any, **named: Any) -> None:
        read_bundles.append((given[1:], named))
        load(*given, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    with aws_is(lambda request: replace(at_rest(request), closes=True)) as server:
        read()
        aws.client("sqs").send_message(QueueUrl=server.url() + "/1/q", MessageBody="x")
        photo()
        read()
    assert server.handshakes == len(server.requests) == 6
    assert len(read_bundles) == 1


def test_clients_of_one_host_share_their_connections(aws_is: Callable[..., Any]) -> None:
    with aws_is(at_rest) as server:
        photo()
        aws.client("s3", read_timeout=5.0).delete_object(Bucket="media", Key=KEY)
    assert [request.method for request in server.requests] == ["PUT", "PUT", "GET", "DELETE"]
    assert server.handshakes == 1


def test_connections_are_kept_and_watched(aws_is: Callable[..., Any]) -> None:
    with aws_is(at_rest) as server:
        read()
        read()
        (((connection, _),),) = connections._idle.values()
        assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert server.handshakes == 1


@pytest.mark.parametrize(
    ("host", "trusted", "reason"),
    [
        ("127.0.0.1", False, "unable to get local issuer certificate"),
        ("other.localhost", True, "Hostname mismatch"),
    ],
)
def test_a_certificate_that_is_not_trusted_names_the_setting(
    aws_is: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool, reason: str
) -> None:
    if not trusted:
        monkeypatch.delenv("AWS_CA_BUNDLE")  # the public authorities then, which lack the server's
    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **named: found("127.0.0.1", *more, **named))
    with aws_is(at_rest, host) as server:
        for call in (read, photo):
            with pytest.raises(OwnTrouble, match="AWS_CA_BUNDLE") as raised:
                call()
            assert reason in str(raised.value)
            assert host in str(raised.value)
    assert server.requests == []


def test_clients_of_botocore_share_a_pool_and_a_context_too(
    aws_is: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with aws_is(at_rest) as server:
        for client in (botocore_client("s3"), botocore_client("s3", read_timeout=5.0)):
            client.head_object(Bucket="media", Key=KEY)
        read()
    assert server.handshakes == 2  # one of botocore's pool, one of our own
    forget()
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with aws_is(at_rest) as server, pytest.raises(OwnTrouble, match="AWS_CA_BUNDLE"):
        botocore_client("s3").head_object(Bucket="media", Key=KEY)
    assert server.requests == []


@pytest.mark.parametrize("content", [None, b"", b"no certificate\n"])
def test_a_bundle_that_cannot_be_read_names_the_setting(
    aws_is: Callable[..., Any], bundle: Path, content: bytes | None
) -> None:
    bundle.unlink() if content is None else bundle.write_bytes(content)
    with aws_is(at_rest), pytest.raises(OwnTrouble, match=r"AWS_CA_BUNDLE names .*bundle\.pem"):
        read()


def test_a_proxy_carries_the_calls_and_the_certificate_is_the_hosts(
    aws_is: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with aws_is(at_rest) as server, tunnelling() as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        read()
        photo()
    assert len(server.requests) == 4
    assert {line.rpartition(" ")[0] for line in asked} == {f"CONNECT 127.0.0.1:{server.port}"}


@contextmanager
def tunnelling() -> Iterator[tuple[str, list[str]]]:
    """A proxy: its URL, and the first line of each request."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def pump(source: socket.socket, sink: socket.socket) -> None:
            with suppress(OSError):
                while block := source.recv(65_536):
                    sink.sendall(block)
                sink.shutdown(socket.SHUT_WR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    sock, _ = listening.accept()
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        head += sock.recv(1)
                    asked.append(head.split(b"\r\n")[0].decode())
                    host, port = asked[-1].split()[1].split(":")
                    further = socket.create_connection((host, int(port)))
                    sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    for ends in ((sock, further), (further, sock)):
                        threading.Thread(target=pump, args=ends, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def dropping() -> Answering:
    """The second request of a connection gets no answer: AWS was closing it."""
    seen: dict[int, int] = {}

    def answer(request: Received) -> Answer | None:
        seen[request.connection] = seen.get(request.connection, 0) + 1
        return None if seen[request.connection] > 1 else at_rest(request)

    return answer


def test_a_call_whose_connection_was_dropped_is_repeated_on_a_new_one(aws_is: Callable[..., Any]) -> None:
    with aws_is(dropping()) as server:
        read()
        read()
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_what_may_not_be_repeated_is_not(aws_is: Callable[..., Any]) -> None:
    with aws_is(dropping()) as server:
        read(attempts=1)
        with pytest.raises(AwsUnreachable):
            read(attempts=1)
    assert [request.connection for request in server.requests] == [1, 1]


def test_what_may_not_be_repeated_takes_no_connection_that_was_idle_for_long(
    aws_is: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [time.time()]
    monkeypatch.setattr(connections.time, "time", lambda: now[0])
    with aws_is(at_rest) as server:
        for pause, attempts in ((0, 1), (4, 1), (6, 3), (6, 1), (-60, 1)):
            now[0] += pause
            read(attempts)
        now[0] += 6
        MediaStore("media", "assets").write(KEY, io.BytesIO(b"photo"), 5, "image/jpeg", 10)
    assert [request.connection for request in server.requests] == [1, 1, 1, 2, 3, 4]


def test_the_error_of_a_source_passes_through_the_upload(aws_is: Callable[..., Any]) -> None:
    class Broken:
        def read(self, _: int = -1, /) -> bytes:
            raise MediaUnavailable("the channel stopped")

    with aws_is(at_rest), pytest.raises(MediaUnavailable):
        MediaStore("media", "assets").write(KEY, Broken(), 5, "image/jpeg", 10)


def test_credentials_that_end_in_mid_turn_are_renewed(
    aws_is: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def credentials(request: Any, wire: Any) -> None:
        given.append(f"key{len(given)}")
        ends = datetime.now(UTC) + timedelta(minutes=1)
        body = {"AccessKeyId": given[-1], "SecretAccessKey": "s", "Token": "t", "Expiration": ends.isoformat()}
        says(json.dumps(body).encode())(request, wire)

    def newest_only(request: Received) -> Answer:
        if f"Credential={given[-1]}/" in request.headers["authorization"]:
            return at_rest(request)
        return refuses("ExpiredTokenException")(request)  # type: ignore[return-value]

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with serving(credentials) as container, aws_is(newest_only) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url("/credentials"))
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token")
        read()
        read()
    assert len({request.headers["authorization"].split("/")[0] for request in server.requests}) == 2


@pytest.mark.parametrize(
    "code",
    ["ExpiredTokenException", "InvalidSignatureException", "RequestTimeTooSkewed", "UnrecognizedClientException"],
)
def test_ended_credentials_and_a_wrong_clock_are_said_at_once(aws_is: Callable[..., Any], code: str) -> None:
    with aws_is(refuses(code)) as server, pytest.raises(AwsRefused, match=code) as raised:
        read()
    assert len(server.requests) == 1
    assert not aws.is_outage(raised.value)


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_throttled_call_is_repeated_on_the_same_connection(aws_is: Callable[..., Any], attempts: int) -> None:
    with aws_is(refuses("ThrottlingException", times=3)) as server:
        read(attempts)
    assert len(server.requests) == 4
    assert server.handshakes == 1
