"""For every operation that we call, what our client sends is what botocore sends, and signed as botocore signs it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore import xform_name
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chatflow.adapters.aws import calls, client, operations
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.connections import Answer, SignedRequest
from tests.unit.chatflow.adapters.aws.called_operations import Called, called, scan
from tests.unit.chatflow.adapters.aws.captured import (
    Sent,
    botocore_session,
    host_of,
    of_botocore,
    of_ours,
    signature_by_botocore,
)
from tests.unit.chatflow.adapters.aws.parameters import parameters_of

REGION: Final = "eu-west-1"
GATEWAY: Final = "https://abc123.execute-api.eu-west-1.amazonaws.com/live"
# Headers that differ on purpose.
DIFFERENT: Final = {
    "user-agent": "names botocore, Python and the system",
    "amz-sdk-invocation-id": "numbers the attempts of a call, for AWS's statistics",
    "amz-sdk-request": "likewise",
    "authorization": "holds the signature, which is compared by itself",
    "x-amz-date": "is the time of the call",
    "content-length": "botocore says 0 of methods that have no body, too; compared with the body here",
    "host": "is written by botocore's HTTP library; compared with the URL here",
    "expect": "asks S3 before the body is sent, which costs a round trip, and helps large bodies that are refused",
    "x-amz-checksum-mode": "asks S3 for the checksum of an object that is read: TLS protects it",
}
DIFFERENT_IN: Final = {
    "PutObject": {"x-amz-content-sha256": "S3 compares both the checksum and the hash with what it received"},
    "UploadPart": {
        "x-amz-content-sha256": "S3 compares the hash with what it received",
        "x-amz-checksum-crc32": "S3 may refuse it unless the upload announced it",
        "x-amz-sdk-checksum-algorithm": "likewise",
    },
}
# botocore sends the checksum of a body behind it, in a coding of S3's own; our client before it, in a header.
CODED: Final = {
    "content-encoding",
    "transfer-encoding",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-checksum-crc32",
}


@cache
def service_model(service: str) -> Any:
    return botocore_session().get_service_model(service)


def operation_model(service: str, method: str) -> Any:
    names = {xform_name(name): name for name in service_model(service).operation_names}
    return service_model(service).operation_model(names[method])


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a/secret+key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    client.cache_clear()
    yield
    client.cache_clear()


def test_the_scan_sees_every_use_of_a_client() -> None:
    assert not called().unclear
    found = Called()
    head = "from chatflow.adapters.aws import client\n"
    scan(head + "def f(s):\n  a, b = client('sqs'), 1\n  g(a)\n  client(s).x()\n  a.send(b)", "m", found)
    assert found.operations == {("sqs", "send")}
    assert [each.partition(": ")[0] for each in sorted(found.unclear)] == ["m:4", "m:5"]


def test_every_operation_exists_and_every_exception_is_an_error_code_of_its_service() -> None:
    for service, method in called().operations:
        assert operation_model(service, method), (service, method)
    for service, name in called().exceptions - {(service, "ClientError") for service in operations.SERVICES}:
        codes = {shape.name: shape.error_code for shape in service_model(service).error_shapes}
        assert codes.get(name) == name, f"{service} has no error code {name}"


@pytest.mark.parametrize("operation", sorted(called().operations), ids=".".join)
def test_a_request_is_the_one_of_botocore(operation: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    service, method = operation
    model = operation_model(service, method)
    endpoint = GATEWAY if service == "apigatewaymanagementapi" else ""
    ours: AwsClient = client(service, endpoint=endpoint)

    # Without looking for a smaller example, which takes a minute: these are small.
    @settings(max_examples=15, phases=[Phase.generate])
    @given(parameters_of(service, model), st.sampled_from(["", "a/session+token=="]))
    def compare(parameters: dict[str, Any], token: str) -> None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
        reference = of_botocore(service, method, parameters, region=REGION, token=token, endpoint=endpoint)
        sent = of_ours(ours, method, parameters)
        assert (sent.method, sent.url, _without_token(sent, model)) == (
            reference.method,
            reference.url,
            _without_token(reference, model),
        )
        assert sent.headers["host"] == host_of(reference.url)
        assert sent.headers.get("content-length", "0") == str(len(sent.body))
        assert "content-length" in sent.headers or sent.method in ("GET", "DELETE")
        _compare_content(sent, _decoded(reference), model)
        assert sent.headers["authorization"] == signature_by_botocore(
            sent, service_model(service).signing_name, REGION, token
        )

    compare()


TURN: Final = {
    ("dynamodb", "transact_write_items"): {"TransactItems": [{"Delete": {"TableName": "t", "Key": {"k": {"S": "x"}}}}]},
    ("scheduler", "delete_schedule"): {"Name": "t_1"},
}


@pytest.mark.parametrize("operation", TURN, ids=".".join)
def test_the_repetitions_of_a_call_have_its_token_and_other_calls_have_others(operation: tuple[str, str]) -> None:
    ours = client(operation[0])
    answers = [Answer(status, {}, b"{}") for status in (500, 503, 200, 200)]
    seen: list[str] = []

    def exchange(request: SignedRequest, **_: Any) -> Answer:
        token = json.loads(request.body)["ClientRequestToken"] if request.body else request.target
        seen.append(str(token))
        return answers[len(seen) - 1]

    with patch.object(calls, "exchange", exchange), patch.object(calls.time, "sleep"):
        for _ in range(2):
            getattr(ours, operation[1])(**TURN[operation])
    assert seen[0] == seen[1] == seen[2] != seen[3]


def test_a_file_is_streamed_as_it_is_under_a_hash_that_says_so() -> None:
    parameters = {"Bucket": "media", "Key": "k", "ContentLength": 6, "ContentType": "image/jpeg", "Tagging": "a=b"}
    sent = of_ours(client("s3"), "put_object", {**parameters, "Body": iter([memoryview(b"abc"), memoryview(b"def")])})
    reference = of_botocore("s3", "put_object", {**parameters, "Body": b"abcdef"}, region=REGION)
    assert (sent.method, sent.url, sent.body) == (reference.method, reference.url, _decoded(reference).body)
    unlike = {"x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm", *DIFFERENT}
    expected = {name: value for name, value in _decoded(reference).headers.items() if name not in unlike}
    assert {name: value for name, value in sent.headers.items() if name not in unlike} == expected
    assert sent.headers["content-length"] == "6"
    # S3 takes the length as signed or not; botocore's signer signs what it is given.
    assert signature_by_botocore(sent, "s3", REGION, "") == sent.headers["authorization"]


@pytest.mark.parametrize("call", [
    lambda: client("s3").delete_object(Bucket="b", Key="k", IfMatch="etag"),
    lambda: client("s3").put_object(Bucket="b", Key="k", Body=b"", Metadata={}),
    lambda: client("scheduler").delete_schedule(Name="n", Force=True),
    lambda: client("s3").copy_object(Bucket="b", Key="k"),
])  # fmt: skip
def test_what_is_not_written_here_is_refused_rather_than_left_out(call: Callable[[], Any]) -> None:
    with patch.object(calls, "exchange") as exchange, pytest.raises(ValueError, match=r"operations\.py"):
        call()
    exchange.assert_not_called()


@pytest.mark.parametrize("trace", ["Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", "a\r\nx-evil: 1 é"])
def test_lambdas_trace_is_passed_on_as_by_botocore(trace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    parameters = {"QueueUrl": "q", "ReceiptHandle": "r"}
    sent, reference = (
        of_ours(client("sqs"), "delete_message", parameters),
        of_botocore("sqs", "delete_message", parameters, region=REGION),
    )
    assert sent.headers["x-amzn-trace-id"] == reference.headers["x-amzn-trace-id"]


def _idempotency_members(model: Any) -> list[str]:
    members = model.input_shape.members.items()
    return [name for name, shape in members if shape.metadata.get("idempotencyToken")]


def _without_token(sent: Sent, model: Any) -> list[str]:
    """The query. A token of the call's own differs each time, but is there in both."""
    locations = {model.input_shape.members[name].serialization.get("name") for name in _idempotency_members(model)}
    return [f"{each.partition('=')[0]}=" if each.partition("=")[0] in locations else each for each in sent.query]


def _decoded(reference: Sent) -> Sent:
    """The request without S3's coding: one chunk, and the checksum behind it."""
    if reference.headers.get("content-encoding") != "aws-chunked":
        return reference
    found = re.fullmatch(
        rb"(?:[0-9a-f]+\r\n(.*)\r\n)?0\r\nx-amz-checksum-crc32:(\S+)\r\n\r\n", reference.body, re.DOTALL
    )
    assert found, reference.body
    headers = {name: value for name, value in reference.headers.items() if name not in CODED}
    headers |= {"x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-checksum-crc32": found[2].decode()}
    return Sent(reference.method, reference.url, reference.query, headers, found[1] or b"")


def _checked(sent: Sent) -> dict[str, str]:
    """The headers, those which depend on the body replaced by how they do. XML may be written in several ways."""
    headers = dict(sent.headers)
    known = {hashlib.sha256(sent.body).hexdigest(): "signed", "UNSIGNED-PAYLOAD": "unsigned"}
    if "x-amz-content-sha256" in headers:
        headers["x-amz-content-sha256"] = known[headers["x-amz-content-sha256"]]
    if "x-amz-checksum-crc32" in headers:
        assert headers["x-amz-checksum-crc32"] == base64.b64encode(zlib.crc32(sent.body).to_bytes(4)).decode()
        headers["x-amz-checksum-crc32"] = "right"
    return headers


def _tree(element: ET.Element) -> tuple[Any, ...]:
    """An element whose children are in the order of their names: botocore writes them in the order of a dict."""
    children = sorted(element, key=lambda child: child.tag)
    return element.tag, element.attrib, element.text, [_tree(child) for child in children]


def _compare_content(sent: Sent, reference: Sent, model: Any) -> None:
    different = DIFFERENT.keys() | DIFFERENT_IN.get(model.name, {}).keys()
    headers, expected = (
        {name: value for name, value in _checked(each).items() if name not in different} for each in (sent, reference)
    )
    assert headers == expected
    if sent.headers.get("content-type", "").startswith("application/x-amz-json") or (model.name == "CreateSchedule"):
        body, wanted = json.loads(sent.body), json.loads(reference.body)
        for token in _idempotency_members(model):
            assert body.pop(token)
            assert wanted.pop(token)
        assert body == wanted
    elif model.service_model.service_name == "s3" and not model.has_streaming_input and sent.body:
        assert _tree(ET.fromstring(sent.body)) == _tree(ET.fromstring(reference.body))  # noqa: S314
    else:
        assert sent.body == reference.body
