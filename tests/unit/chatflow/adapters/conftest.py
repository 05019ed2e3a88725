"""AWS as moto plays it, empty at the start of each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chatflow.adapters import aws, secrets
from tests.fakes.s3 import Bucket, running_s3


@pytest.fixture
def aws_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives `client(service)`; every client that the code under test makes talks to the same account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        aws.client.cache_clear()
        aws.session.cache_clear()
        secrets._cache.clear()
        yield aws.client
    aws.client.cache_clear()
    aws.session.cache_clear()


@pytest.fixture
def table(aws_account: Any) -> Any:
    """Makes a table with string keys: `table("effects", "effect")`."""

    def make(name: str, *keys: str) -> str:
        aws_account("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
        )
        return name

    return make


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_s3(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Two fresh buckets on a real server, and a store of them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    aws.client.cache_clear()
    aws.session.cache_clear()
    yield Bucket.made()
    aws.client.cache_clear()
    aws.session.cache_clear()
