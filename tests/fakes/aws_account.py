"""An AWS account for one test, played by moto. What is slow to make is made once for all tests: the clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.session import Session
from botocore.validate import validate_parameters
from moto import mock_aws
from moto.core.models import botocore_stubber
from moto.sqs.models import SQSBackend

from chatflow.adapters import aws, secrets
from chatflow.adapters.aws import botocore_clients, calls, connections, operations
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.errors import AwsRefused, refusal

Call = Callable[[dict[str, Any]], dict[str, Any]]


class _Clients:
    """Stands in for botocore's session: each client costs a tenth of a second, and knows nothing of an account."""

    def __init__(self, region: str, endpoint: str) -> None:
        self._session = Session()
        self._session.set_config_variable("region", region)
        self._endpoint = endpoint or None
        self._made: dict[str, Any] = {}

    def create_client(self, service: str, *, config: Config) -> Any:
        key = f"{service} {sorted(vars(config).items(), key=str)}"
        if key not in self._made:
            self._made[key] = self._session.create_client(service, endpoint_url=self._endpoint, config=config)
        return self._made[key]


_clients = cache(_Clients)
_receive = SQSBackend.receive_message


def _receive_at_once(queues: SQSBackend, name: str, count: int, _wait: int, *more: Any) -> Any:
    """Moto has one server for a queue: whoever waits for messages in a test waits for nothing."""
    return _receive(queues, name, count, 0, *more)


@contextmanager
def an_account(monkeypatch: pytest.MonkeyPatch, region: str = "eu-west-1") -> Iterator[None]:
    """Everything that `chatflow.adapters.aws.client` reaches is empty, and gone afterwards."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # The environment first: moto changes it, too, and puts back what it found.
    with _reached(monkeypatch, region), moto():
        yield


@contextmanager
def moto() -> Iterator[None]:
    """Within, moto plays AWS to our own clients and to those of botocore."""
    with mock_aws(), pytest.MonkeyPatch.context() as within:
        within.setattr(SQSBackend, "receive_message", _receive_at_once)
        within.setattr(calls, "exchange", _exchange_with_moto)
        yield


@contextmanager
def an_account_at(endpoint: str, monkeypatch: pytest.MonkeyPatch, region: str = "eu-west-1") -> Iterator[None]:
    """`chatflow.adapters.aws.client` reaches this server, whatever is on it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with _reached(monkeypatch, region, endpoint):
        yield


@contextmanager
def _reached(monkeypatch: pytest.MonkeyPatch, region: str, endpoint: str = "") -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    with pytest.MonkeyPatch.context() as within:
        within.setattr(botocore_clients, "session", lambda: _clients(region, endpoint))
        within.setattr(operations, "request_of", _valid_request)
        forget_clients()
        secrets._cache.clear()
        yield
    forget_clients()


def forget_clients() -> None:
    """What the process knows of AWS."""
    aws.client.cache_clear()
    botocore_clients.botocore_client.cache_clear()
    connections.close_all()


_request_of = operations.request_of


def _valid_request(service: str, operation: str, parameters: dict[str, Any]) -> operations.Request:
    """The request, whose parameters the service's own model allows: AWS would refuse others, moto takes some."""
    checked = {**parameters, "Body": b""} if "Body" in parameters else parameters  # of S3: may be a stream
    validate_parameters(checked, _model(service).operation_model(operation).input_shape)
    return _request_of(service, operation, parameters)


@cache
def _model(service: str) -> Any:
    return Session().get_service_model(service)


class _MotoBody(BytesIO):
    """The body of an answer that is left to the caller."""

    def read_into(self, buffer: memoryview, /) -> int:
        return self.readinto(buffer)


def _exchange_with_moto(request: connections.SignedRequest, **_: Any) -> connections.Answer:
    """Does what `connections.exchange` does, with moto instead of AWS."""
    body = request.body if isinstance(request.body, bytes) else b"".join(bytes(block) for block in request.body)
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value
    url = f"{request.origin[0]}://{request.headers['host']}{request.target}"
    prepared = AWSPreparedRequest(request.method, url, headers, body, request.streamed)
    if (found := botocore_stubber.process_request(prepared)) is None:
        raise AssertionError(f"moto has no {request.operation}")
    status, answered, said = found
    said = said.encode() if isinstance(said, str) else said
    lower = {"content-length": str(len(said)), **{name.lower(): str(value) for name, value in answered.items()}}
    if request.streamed and status < 300:
        return connections.Answer(status, lower, b"", _MotoBody(said))  # type: ignore[arg-type]
    return connections.Answer(status, lower, said)


def create_table(name: str, *keys: str, **indexes: tuple[str, ...]) -> str:
    """A table with string keys, the partition's first; `indexes` are global ones by name, with keys of their own."""
    attributes = {*keys, *(key for index in indexes.values() for key in index)}
    more = {
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _schema(its), "Projection": {"ProjectionType": "ALL"}}
            for index, its in indexes.items()
        ]
    }
    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)],
        KeySchema=_schema(keys),
        **(more if indexes else {}),
    )
    return name


def _schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


@contextmanager
def on_call(
    operation: str,
    *,
    before: Callable[[dict[str, Any]], None] = lambda parameters: None,
    after: Callable[[dict[str, Any]], None] = lambda result: None,
) -> Iterator[None]:
    """Within, `before` gets the parameters of each call of the operation, `after` its result.

    Either may change them, or raise what the call then raises.
    """

    def watch(call: Call, _service: str, named: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if named != operation:
            return call(parameters)
        before(parameters)
        result = call(parameters)
        after(result)
        return result

    with watched_calls(watch):
        yield


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """The calls that are made within the block: `sqs:SendMessage`."""
    made: list[str] = []

    def watch(call: Call, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        made.append(f"{service}:{operation}")
        return call(parameters)

    with watched_calls(watch):
        yield made


@contextmanager
def watched_calls(watch: Callable[[Call, str, str, dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """Within, `watch` makes each call. It gets the function that does so, the service, operation and parameters."""
    call = AwsClient.call

    def watched(client: AwsClient, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return watch(lambda given: call(client, operation, given), client._name, operation, parameters)

    with pytest.MonkeyPatch.context() as within:
        within.setattr(AwsClient, "call", watched)
        yield


def refused(code: str, operation: str = "Operation", **fields: Any) -> AwsRefused:
    """What a client raises when AWS answers with this error code. `fields` are the error's own."""
    return refusal(code)({"Error": {"Code": code, "Message": code}, "ResponseMetadata": {}, **fields}, operation)
