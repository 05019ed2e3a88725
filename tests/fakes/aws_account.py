"""An AWS account for one test, played by moto. What is slow to make is made once for all tests: the clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import Session
from moto import mock_aws
from moto.sqs.models import SQSBackend

from chatflow.adapters import aws, secrets


class _Clients:
    """Stands in for botocore's session: each client costs a tenth of a second, and knows nothing of an account."""

    def __init__(self, region: str, endpoint: str) -> None:
        self._session = Session()
        self._session.set_config_variable("region", region)
        self._endpoint = endpoint or None
        self._made: dict[str, Any] = {}

    def create_client(self, service: str, *, config: Config, endpoint_url: str | None = None) -> Any:
        endpoint = endpoint_url or self._endpoint
        key = f"{service} {endpoint} {sorted(vars(config).items(), key=str)}"
        if key not in self._made:
            self._made[key] = self._session.create_client(service, endpoint_url=endpoint, config=config)
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
    with _reached(monkeypatch, region), mock_aws(), pytest.MonkeyPatch.context() as within:
        within.setattr(SQSBackend, "receive_message", _receive_at_once)
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
        within.setattr(aws, "session", lambda: _clients(region, endpoint))
        aws.client.cache_clear()
        secrets._cache.clear()
        yield
    aws.client.cache_clear()


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
def on_event(client: Any, event: str, handler: Any) -> Iterator[None]:
    """Within, botocore calls `handler` on this event of the client. Tests share clients, so it is taken away again."""
    client.meta.events.register(event, handler)
    try:
        yield
    finally:
        client.meta.events.unregister(event, handler)
