"""What botocore and our client send for a call, before it is sent, and botocore's signature of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.session import Session

from chatflow.adapters.aws import calls
from chatflow.adapters.aws.connections import Answer, SignedRequest

CONFIG = Config(signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})
_XML = b"<CompleteMultipartUploadResult><UploadId>u</UploadId></CompleteMultipartUploadResult>"


@dataclass(frozen=True)
class Sent:
    """A request. Names of headers are lower case. `url` without the query, whose parts are sorted."""

    method: str
    url: str
    query: list[str]
    headers: dict[str, str]
    body: bytes


@cache
def botocore_session() -> Session:
    """One for all tests, since it keeps the models that it has read."""
    made = Session()
    made.set_credentials("AKID", "a/secret+key")
    return made


@cache
def botocore_client(service: str, region: str, token: str | None, endpoint: str | None) -> tuple[Any, list[Sent]]:
    """A client that sends nothing, and what it would have sent."""
    client = botocore_session().create_client(
        service,
        region,
        aws_access_key_id="AKID",
        aws_secret_access_key="a/secret+key",
        aws_session_token=token,
        endpoint_url=endpoint,
        config=CONFIG if service == "s3" else None,
    )
    sent: list[Sent] = []

    def capture(request: Any, **_: Any) -> AWSResponse:
        body = request.body if isinstance(request.body, bytes | None) else request.body.read()
        headers = {
            name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        url, _, query = request.url.partition("?")
        sent.append(Sent(request.method, url, _parts(query), headers, body or b""))
        return AWSResponse(request.url, 200, {}, Raw(_XML if service == "s3" else b"{}"))

    client.meta.events.register("before-send", capture)
    return client, sent


class Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body

    def read(self, *_: Any) -> bytes:
        return self._body


def of_botocore(
    service: str, method: str, parameters: Mapping[str, Any], *, region: str, token: str = "", endpoint: str = ""
) -> Sent:
    client, sent = botocore_client(service, region, token or None, endpoint or None)
    sent.clear()
    getattr(client, method)(**parameters)
    (only,) = sent
    return only


def of_ours(client: calls.AwsClient, method: str, parameters: Mapping[str, Any]) -> Sent:
    seen: list[SignedRequest] = []

    def exchange(request: SignedRequest, **_: Any) -> Answer:
        seen.append(request)
        return Answer(200, {}, _XML if client._name == "s3" else b"{}")

    with patch.object(calls, "exchange", exchange):
        getattr(client, method)(**parameters)
    (only,) = seen
    return as_sent(only)


def as_sent(request: SignedRequest) -> Sent:
    scheme, host, port = request.origin
    standard = {"https": 443, "http": 80}[scheme]
    path, _, query = request.target.partition("?")
    url = f"{scheme}://{host}{'' if port == standard else f':{port}'}{path}"
    body = request.body if isinstance(request.body, bytes) else b"".join(map(bytes, request.body))
    return Sent(request.method, url, _parts(query), dict(request.headers), body)


def _parts(query: str) -> list[str]:
    """The parts, all with "=": S3 takes `?tagging` and `?tagging=` for the same, and both are signed with it."""
    return sorted(part if "=" in part else f"{part}=" for part in query.split("&") if part)


def signature_by_botocore(sent: Sent, service: str, region: str, token: str) -> str:
    """The header `Authorization` that botocore makes for this request, at the time that the request names."""
    added = {"authorization", "x-amz-date", "x-amz-security-token", "user-agent", "content-length", "host"}
    query = f"?{'&'.join(sent.query)}" if sent.query else ""
    request = AWSRequest(
        method=sent.method,
        url=sent.url + query,
        headers={name: value for name, value in sent.headers.items() if name not in added},
        data=sent.body,
    )
    signed = sent.headers.get("x-amz-content-sha256") != "UNSIGNED-PAYLOAD"
    request.context["client_config"] = Config(s3={"payload_signing_enabled": signed})
    at = datetime.strptime(sent.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    with patch("botocore.auth.get_current_datetime", lambda: at):
        signer(Credentials("AKID", "a/secret+key", token or None), service, region).add_auth(request)
    return str(request.headers["Authorization"])


def host_of(url: str) -> str:
    return urlsplit(url).netloc
