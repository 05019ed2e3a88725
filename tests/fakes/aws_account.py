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

from chatflow.adapters import aws, secrets


class _Clients:
    """Stands in for botocore's session: each client costs a tenth of a second, and knows nothing of an account."""

    def __init__(self, region: str) -> None:
        self._session = Session()
        self._session.set_config_variable("region", region)
        self._made: dict[str, Any] = {}

    def create_client(self, service: str, *, config: Config) -> Any:
        key = f"{service} {sorted(vars(config).items(), key=str)}"
        if key not in self._made:
            self._made[key] = self._session.create_client(service, config=config)
        return self._made[key]


_clients = cache(_Clients)


@contextmanager
def an_account(monkeypatch: pytest.MonkeyPatch, region: str = "eu-west-1") -> Iterator[None]:
    """Everything that `chatflow.adapters.aws.client` reaches is empty, and gone afterwards."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws(), pytest.MonkeyPatch.context() as within:
        within.setattr(aws, "session", lambda: _clients(region))
        aws.client.cache_clear()
        secrets._cache.clear()
        yield
    aws.client.cache_clear()
