"""The same faults, played by one server to a client of botocore in its standard mode and to ours."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError

from chatflow.adapters import aws, throttling
from chatflow.adapters.aws import botocore_clients, calls, connections
from chatflow.adapters.aws.connections import Answer
from chatflow.adapters.aws.errors import AwsUnreachable
from tests.fakes.http_server import Answering, Request, Wire, says, serving
from tests.unit.chatflow.adapters.aws.captured import Raw, botocore_session

CLIENTS: Final = (aws.client, botocore_clients.botocore_client)
ATTEMPTS: Final = 3
OK: Final = says(b'{"Item": {}}', Connection="close")


def refuses(code: str, status: str = "400 Bad Request") -> Answering:
    return says(json.dumps({"__type": f"com.x#{code}", "message": "no"}).encode(), status, Connection="close")


def says_raw(data: bytes) -> Answering:
    return lambda _request, wire: wire.send(data)


def says_nothing(_request: Request, _wire: Wire) -> None:
    """The connection ends."""


def resets(_request: Request, wire: Wire) -> None:
    wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wire.sock.close()


def keeps_waiting(_request: Request, wire: Wire) -> None:
    wire.stopped.wait(20)


@dataclass(frozen=True)
class Outcome:
    """`result`: "ok", the code of a refusal, or "unreachable". `pauses` are in seconds."""

    result: str
    requests: int
    pauses: list[float]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_CREDENTIAL_EXPIRATION", "AWS_CA_BUNDLE", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(botocore_clients, "session", botocore_session)
    yield
    for make in CLIENTS:
        make.cache_clear()
    connections.close_all()


def play(
    make: Any,
    faults: list[Answering],
    monkeypatch: pytest.MonkeyPatch,
    *,
    attempts: int = ATTEMPTS,
    timeout: float = 5.0,
) -> Outcome:
    """One call against a server with these faults, of which the last one stays. Pauses pass at once."""
    left = list(faults)

    def answer(request: Request, wire: Wire) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request, wire)

    with serving(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url())
        result, pauses = call(make, attempts=attempts, timeout=timeout)
    return Outcome(result, len(server.requests), pauses)


def call(make: Any, *, attempts: int = ATTEMPTS, timeout: float = 5.0) -> tuple[str, list[float]]:
    make.cache_clear()
    pauses: list[float] = []
    began = time.time()
    with (
        patch.object(time, "sleep", pauses.append),
        patch.object(throttling.time, "time", lambda: began + sum(pauses)),
    ):
        return outcome(lambda: read(make("dynamodb", attempts=attempts, read_timeout=timeout))), pauses


def read(client: Any) -> Any:
    return client.get_item(TableName="t", Key={"k": {"S": "x"}})


def outcome(do: Callable[[], Any]) -> str:
    try:
        do()
    except Exception as error:
        if isinstance(answer := getattr(error, "response", None), dict):
            return str(answer["Error"]["Code"])
        if aws.is_unreachable(error):
            return "unreachable"
        raise
    return "ok"


def status(line: str) -> Answering:
    return says(b"{}", line, Connection="close")


TRANSIENT: Final = ("RequestTimeout", "RequestTimeoutException")
FINAL: Final = (
    "AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException", "RequestTimeTooSkewed",
    "UnrecognizedClientException", "ValidationException", "ConditionalCheckFailedException", "RequestExpired",
)  # fmt: skip
TABLE: Final[dict[str, tuple[list[Answering], str, int]]] = {
    "ok": ([OK], "ok", 1),
    **{f"{each} to the end": ([status(f"{each} x")], str(each), 3) for each in (500, 502, 503, 504)},
    **{f"{each} once": ([status(f"{each} x"), OK], "ok", 2) for each in (500, 502, 503, 504)},
    **{f"{each}": ([status(f"{each} x")], str(each), 1) for each in (400, 403, 404, 413, 429, 501, 505)},
    **{f"{code} to the end": ([refuses(code)], code, 3) for code in TRANSIENT},
    **{f"{code} twice": ([refuses(code)] * 2 + [OK], "ok", 3) for code in TRANSIENT},
    **{code: ([refuses(code)], code, 1) for code in FINAL},
    **{code: ([refuses(code, "403 Forbidden")], code, 1) for code in ("RequestTimeTooSkewed", "SignatureDoesNotMatch")},
    "an error page of a proxy": ([says(b"<html>", "502 Bad Gateway", Connection="close"), OK], "ok", 2),
    "a reset": ([resets], "unreachable", 3),
    "a reset once": ([resets, OK], "ok", 2),
    "a connection that ends": ([says_nothing, OK], "ok", 2),
    "a status line that is none": ([says_raw(b"hello\r\n\r\n")], "unreachable", 3),
    "an answer that is cut off": ([says_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")], "unreachable", 3),
    "chunks that are cut off": (
        [says_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"), OK], "ok", 2,
    ),
    "faults of several kinds": ([resets, status("500 x"), OK], "ok", 3),
}  # fmt: skip


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
@pytest.mark.parametrize("fault", TABLE)
def test_a_fault_is_met_with_as_many_requests_and_as_long_pauses(
    fault: str, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults, result, requests = TABLE[fault]
    found = play(make, faults, monkeypatch)
    assert (found.result, found.requests) == (result, requests)
    assert len(found.pauses) == requests - 1
    assert all(0 <= pause <= 2**number for number, pause in enumerate(found.pauses))


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
@pytest.mark.parametrize(
    "fault", [status("500 x"), refuses("RequestTimeout"), resets, says_nothing], ids=["500", "400", "reset", "end"]
)
def test_what_may_not_be_repeated_is_sent_once(fault: Answering, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(make, [fault, OK], monkeypatch, attempts=1).requests == 1


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
def test_a_server_that_does_not_answer_in_time_is_asked_as_often(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = play(make, [keeps_waiting], monkeypatch, timeout=0.1)
    assert (found.result, found.requests) == ("unreachable", 3)


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
def test_a_server_that_is_not_there_is_tried_as_often(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    result, pauses = call(make)
    assert (result, len(pauses)) == ("unreachable", 2)


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
@pytest.mark.parametrize("code", sorted(throttling.CODES))
def test_a_throttle_is_repeated_beyond_the_attempts_until_the_deadline(
    code: str, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More often than botocore's standard mode would; our hook makes botocore do the same."""
    with throttling.calls_until(time.time() + 60):
        found = play(make, [refuses(code)] * 4 + [OK], monkeypatch, attempts=1)
    assert (found.result, found.requests) == ("ok", 5)
    assert all(0.05 * 2**number <= pause <= 0.1 * 2**number for number, pause in enumerate(found.pauses))


def test_once_the_deadline_is_over_a_throttle_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike botocore, which has its attempts left then: the time that remains is for the answer to the customer."""
    with throttling.calls_until(time.time()):
        assert play(aws.client, [refuses("ThrottlingException"), OK], monkeypatch).requests == 1
        assert play(botocore_clients.botocore_client, [refuses("ThrottlingException"), OK], monkeypatch).requests == 2


@pytest.mark.parametrize("body", [b"<html>", b'{"Item": {'])
def test_a_success_that_cannot_be_read_is_repeated(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike botocore, which takes it for an empty one."""
    faults = [says(body, Connection="close"), OK]
    assert play(aws.client, faults, monkeypatch).requests == 2
    assert play(botocore_clients.botocore_client, faults, monkeypatch).requests == 1


def test_pauses_reach_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls.random, "random", lambda: 1.0)
    found = play(aws.client, [status("500 x")], monkeypatch, attempts=7)
    assert found.pauses == [1, 2, 4, 8, 16, 20]


def test_the_retries_of_a_client_end_and_come_back_as_botocores() -> None:
    """Six hundred requests of which most fail, each call of both clients against the same ones."""
    chosen = random.Random(7)  # noqa: S311
    fates = [chosen.choices(["ok", "500", "timeout", "refused"], [2, 12, 4, 1])[0] for _ in range(600)]
    fates += ["ok"] * 60 + ["500"] * 60
    assert list(_numbers(_ours, fates)) == list(_numbers(_botocores, fates))
    spent = list(_numbers(_ours, fates))
    assert {1, 2, 3} == set(spent)
    assert spent[-20:].count(1) > 0  # the quota was used up in the end


def _numbers(made: Callable[[Callable[[], str]], Any], fates: list[str]) -> Iterator[int]:
    """How many requests each call makes."""
    left = iter(fates)
    sent = [0]

    def next_fate() -> str:
        sent[0] += 1
        return next(left)

    client = made(next_fate)
    with patch.object(time, "sleep"):
        while True:
            sent[0] = 0
            try:
                outcome(lambda: read(client))
            except StopIteration:
                return
            yield sent[0]


def _ours(next_fate: Callable[[], str]) -> Any:
    client = calls.AwsClient("dynamodb", read_timeout=1, attempts=3, endpoint="http://x")

    def send(operation: str, _request: Any) -> Answer:
        fate = next_fate()
        if fate == "timeout":
            raise AwsUnreachable(operation, "TimeoutError", sent=True, timeout=True)
        return Answer(*{"ok": (200, {}, b"{}"), "500": (500, {}, b"{}"), "refused": (400, {}, b"{}")}[fate])

    client._send = send  # type: ignore[method-assign]
    return client


def _botocores(next_fate: Callable[[], str]) -> Any:
    config = Config(retries={"total_max_attempts": 3, "mode": "standard"})
    client = botocore_session().create_client(
        "dynamodb", "eu-west-1", aws_access_key_id="k", aws_secret_access_key="s", config=config
    )

    def answer(request: Any, **_: Any) -> AWSResponse:
        fate = next_fate()
        if fate == "timeout":
            raise ConnectTimeoutError(endpoint_url=request.url)
        return AWSResponse(request.url, {"ok": 200, "500": 500, "refused": 400}[fate], {}, Raw(b"{}"))

    client.meta.events.register("before-send", answer)
    return client
