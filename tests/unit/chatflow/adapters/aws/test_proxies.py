"""Calls through the proxy that the environment names."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chatflow.adapters import tls
from chatflow.adapters.aws import connections
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.errors import AwsUnreachable
from chatflow.errors import OwnTrouble
from tests.fakes.certificates import Certificates
from tests.unit.chatflow.adapters.aws.kept_server import KeptServer, http, keeping, tunnelling

NAMES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY", "no_proxy")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptServer]:
    for name in (*NAMES, "AWS_CREDENTIAL_EXPIRATION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-west-1")
    certificates = Certificates.made(tmp_path)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(certificates.authority)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    tls.for_aws.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    with keeping(lambda _: http(b"{}"), context) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield server
    connections.close_all()
    tls.for_aws.cache_clear()


def read(attempts: int = 1) -> Any:
    return AwsClient("dynamodb", read_timeout=5, attempts=attempts, endpoint="").get_item(TableName="t", Key={})


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize(("user", "credentials"), [
    ("", ""), ("me@", "me:"), ("me:pass@", "me:pass"), ("a%40b:p%3Aq%2F%25@", "a@b:p:q/%"),
])  # fmt: skip
def test_a_proxy_gets_its_credentials_and_carries_the_calls(
    name: str, user: str, credentials: str, server: KeptServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tunnelling() as (port, heads):
        monkeypatch.setenv(name, f"http://{user}127.0.0.1:{port}/")
        read()
        read()
    assert len(server.requests) == 2
    (head,) = heads
    assert head.startswith(f"CONNECT 127.0.0.1:{server.port} ")
    sent = [line for line in head.splitlines() if line.lower().startswith("proxy-authorization")]
    expected = f"Proxy-Authorization: Basic {base64.b64encode(credentials.encode()).decode()}"
    assert sent == ([expected] if credentials else [])
    assert "proxy-authorization" not in server.requests[0].headers


def test_a_proxy_may_be_named_without_a_scheme(server: KeptServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with tunnelling() as (port, heads):
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
        read()
    assert len(heads) == len(server.requests) == 1


@pytest.mark.parametrize("hosts", ["127.0.0.1", "example.com, 127.0.0.1", "127.0.0.1:{port}", "*", ".1"])
def test_hosts_that_no_proxy_carries_are_called_directly(
    hosts: str, server: KeptServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tunnelling() as (port, heads):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", hosts.format(port=server.port))
        read()
    assert (len(heads), len(server.requests)) == (0, 1)


def test_a_proxy_that_refuses_is_an_outage_and_nothing_was_sent(
    server: KeptServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with tunnelling(refusal) as (port, heads), pytest.raises(AwsUnreachable) as raised:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hidden@127.0.0.1:{port}")
        read()
    assert not raised.value.sent
    assert "hidden" not in str(raised.value)
    assert (len(heads), server.requests) == (1, [])


@pytest.mark.parametrize("proxy", ["https://me:hidden@127.0.0.1:1", "socks5://me:hidden@127.0.0.1:1"])
def test_a_proxy_of_another_kind_is_named_as_the_trouble(
    proxy: str, server: KeptServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(OwnTrouble, match="HTTPS_PROXY") as raised:
        read()
    assert "hidden" not in str(raised.value)
    assert server.requests == []
