"""Credentials that end, change or are missing mean the same to botocore and to our client."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError
from botocore.utils import ContainerMetadataFetcher

from chatflow.adapters import aws
from chatflow.adapters.aws import botocore_clients, connections, settings
from tests.fakes.http_server import Request, Wire, says, serving

CLIENTS: Final = (aws.client, botocore_clients.botocore_client)
OK: Final = says(b'{"Item": {}}', Connection="close")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CA_BUNDLE",
        "AWS_PROFILE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "first",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ContainerMetadataFetcher, "SLEEP_TIME", 0)
    _forget()
    yield
    _forget()


def _forget() -> None:
    for cache in (*CLIENTS, botocore_clients.session, settings._refreshed_by_botocore):
        cache.cache_clear()
    connections.close_all()


def read(client: Any) -> Any:
    return client.get_item(TableName="t", Key={"k": {"S": "x"}})


def keys_used(requests: list[Request]) -> list[str]:
    return [each.headers["authorization"].partition("Credential=")[2].partition("/")[0] for each in requests]


def with_keys(make: Any, monkeypatch: pytest.MonkeyPatch, *between: Callable[[], Any]) -> list[str]:
    """The keys that sign a call, and one after each of these."""
    with serving(OK) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url())
        client = make("dynamodb")
        read(client)
        for change in between:
            change()
            read(client)
    return keys_used(server.requests)


def in_minutes(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
@pytest.mark.parametrize(("minutes", "used"), [(1, ["first", "second"]), (60, ["first", "first"])])
def test_credentials_of_the_environment_that_end_are_read_again_before_they_do(
    minutes: int, used: list[str], make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change() -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "second")
        monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", in_minutes(60))

    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", in_minutes(minutes))
    assert with_keys(make, monkeypatch, change) == used


def test_credentials_of_the_environment_that_do_not_end_are_read_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike botocore, which keeps what it has read first. Lambda does not change them while a process lives."""
    change = lambda: monkeypatch.setenv("AWS_ACCESS_KEY_ID", "second")  # noqa: E731
    assert with_keys(aws.client, monkeypatch, change) == ["first", "second"]


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    """Gives a new key at each request, good for a minute: too short to be used twice."""

    def credentials(request: Request, wire: Wire) -> None:
        body = {"SecretAccessKey": "s", "Token": "t", "Expiration": in_minutes(1)}
        says(json.dumps({**body, "AccessKeyId": f"key{len(server.requests)}"}).encode(), Connection="close")(
            request, wire
        )

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with serving(credentials) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url("/credentials"))
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")
        yield server.requests


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
def test_a_containers_credentials_are_renewed_in_mid_turn(
    make: Any, container: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = with_keys(make, monkeypatch, lambda: None, lambda: None)
    assert len(set(keys)) == 3
    assert {request.headers["authorization"] for request in container} == {"let me in"}


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
def test_each_attempt_is_signed_anew(make: Any, container: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    faults = iter([says(b"{}", "500 x", Connection="close"), says(b"", "503 x", Connection="close"), OK])

    def answer(request: Request, wire: Wire) -> None:
        next(faults)(request, wire)

    with serving(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url())
        with patch.object(time, "sleep"):
            read(make("dynamodb"))
    assert len(container) >= len(set(keys_used(server.requests))) == 3


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
def test_a_container_that_has_no_credentials_is_an_outage(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with serving(says(b"", "500 x")) as server, serving(OK) as endpoint:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url("/credentials"))
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url())
        with patch.object(time, "sleep"), pytest.raises(CredentialRetrievalError) as raised:
            read(make("dynamodb"))
    assert endpoint.requests == []
    assert aws.is_outage(raised.value)


@pytest.mark.parametrize("make", CLIENTS, ids=["ours", "botocore"])
def test_without_credentials_nothing_is_sent(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with serving(OK) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url())
        with pytest.raises(NoCredentialsError):
            read(make("dynamodb"))
    assert server.requests == []
