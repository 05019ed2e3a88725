"""AWS as moto plays it, empty at the start of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatflow.adapters import aws
from tests.fakes.aws_account import an_account, an_account_at, create_table
from tests.fakes.s3 import Bucket, running_s3


@pytest.fixture
def aws_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives `client(service)`; every client that the code under test makes talks to the same account."""
    with an_account(monkeypatch):
        yield aws.client


@pytest.fixture
def table(aws_account: Any) -> Callable[..., str]:
    """Makes a table with string keys: `table("effects", "effect")`."""
    return create_table


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_s3(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Two fresh buckets on a real server, and a store of them."""
    with an_account_at(s3_endpoint, monkeypatch):
        yield Bucket.made()
