"""The bytes of an answer mean the same to botocore's parsers and to our client, in the fields that our code reads."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import ResponseParserError, ResponseParserFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.adapters.aws import calls, operations
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.connections import Answer
from chatflow.adapters.aws.errors import AwsRefused, AwsUnreachable
from tests.unit.chatflow.adapters.aws.captured import botocore_session
from tests.unit.chatflow.adapters.aws.parameters import ATTRIBUTES

REQUEST_ID: Final = "4442587FB7D0A2F9"


def by_botocore(service: str, operation: str, answer: Answer) -> dict[str, Any]:
    model = botocore_session().get_service_model(service)
    parser = ResponseParserFactory().create_parser(model.resolved_protocol)
    headers = HeadersDict(answer.headers)
    given = {"status_code": answer.status, "headers": headers, "body": answer.body, "context": {}}
    found: dict[str, Any] = parser.parse(given, model.operation_model(operation).output_shape)
    if answer.status >= 300 and (shape := model.shape_for_error_code(found["Error"]["Code"])):
        found.update(parser.parse(given, shape))  # as botocore's endpoint does
    return found


def by_ours(service: str, operation: str, answer: Answer) -> dict[str, Any]:
    if answer.status < 300:
        return operations.result_of(service, operation, answer)
    return operations.error_of(service, answer)


def written(attribute: Any) -> Any:
    """An attribute as DynamoDB writes it in JSON."""
    if isinstance(attribute, bytes):
        return base64.b64encode(attribute).decode()
    if isinstance(attribute, dict):
        return {name: written(value) for name, value in attribute.items()}
    return [written(each) for each in attribute] if isinstance(attribute, list) else attribute


@settings(max_examples=60)
@given(
    st.dictionaries(st.one_of(st.text(max_size=5), st.sampled_from(["B", "BS", "M", "Item"])), ATTRIBUTES, max_size=4)
)
def test_items_are_read_with_all_of_their_types(item: dict[str, Any]) -> None:
    rows = {"Items": [written(item)], "Count": 1, "ScannedCount": 1, "LastEvaluatedKey": written(item)}
    bodies = {
        "GetItem": {"Item": written(item), "ConsumedCapacity": {"TableName": "B", "CapacityUnits": 0.5}},
        "UpdateItem": {"Attributes": written(item)},
        "Query": rows,
        "BatchGetItem": {"Responses": {"B": [written(item)], "BS": []}, "UnprocessedKeys": {}},
    }
    for operation, body in bodies.items():
        answer = Answer(200, {"x-amzn-requestid": REQUEST_ID}, json.dumps(body).encode())
        expected, found = by_botocore("dynamodb", operation, answer), by_ours("dynamodb", operation, answer)
        assert found.pop("ResponseMetadata")["RequestId"] == expected.pop("ResponseMetadata")["RequestId"]
        assert found == expected


READ: Final[list[tuple[str, str, bytes]]] = [
    ("sqs", "SendMessageBatch", b'{"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": false}]}'),
    ("sqs", "SendMessageBatch", b'{"Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "x"}]}'),
    ("sqs", "GetQueueAttributes", b'{"Attributes": {"ApproximateNumberOfMessages": "3"}}'),
    ("sqs", "ReceiveMessage", json.dumps({"Messages": [{
        "MessageId": "m", "ReceiptHandle": "r", "Body": "{}", "Attributes": {"SentTimestamp": "1"},
        "MessageAttributes": {"ERROR_CODE": {"StringValue": "x", "DataType": "String"}},
    }]}).encode()),
    ("sqs", "ReceiveMessage", b"{}"),
    ("sqs", "DeleteMessage", b""),
    ("secretsmanager", "GetSecretValue", b'{"Name": "n", "SecretString": "{\\"B\\": \\"x\\"}"}'),
    ("stepfunctions", "StartSyncExecution", b'{"executionArn": "a", "status": "FAILED", "error": "E", "cause": "c"}'),
    ("stepfunctions", "StartSyncExecution", b'{"executionArn": "a", "status": "SUCCEEDED", "output": "{}"}'),
    ("scheduler", "CreateSchedule", b'{"ScheduleArn": "a"}'),
    ("scheduler", "DeleteSchedule", b""),
    ("apigatewaymanagementapi", "PostToConnection", b""),
    ("dynamodb", "BatchWriteItem", b'{"UnprocessedItems": {}}'),
    ("dynamodb", "TransactWriteItems", b"{}"),
    ("s3", "CreateMultipartUpload", b"<InitiateMultipartUploadResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
        b"<Bucket>b</Bucket><Key>&lt;UploadId&gt;</Key><UploadId>a&amp;b</UploadId></InitiateMultipartUploadResult>"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "body"), READ)
def test_an_answer_has_the_fields_of_botocores(service: str, operation: str, body: bytes) -> None:
    answer = Answer(200, {"x-amzn-requestid": REQUEST_ID}, body)
    expected, found = by_botocore(service, operation, answer), by_ours(service, operation, answer)
    for fields in (expected, found):
        for name in ("ResponseMetadata", "Bucket", "Key"):
            fields.pop(name, None)
    assert found == expected


@pytest.mark.parametrize("operation", ["UploadPart", "PutObject"])
def test_the_tag_of_what_was_stored_is_the_headers(operation: str) -> None:
    answer = Answer(200, {"etag": '"abc"', "x-amz-request-id": REQUEST_ID}, b"")
    assert by_ours("s3", operation, answer)["ETag"] == by_botocore("s3", operation, answer)["ETag"] == '"abc"'


JSON: Final = {"content-type": "application/x-amz-json-1.0"}
CANCELLED: Final = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [
        {"Code": "ConditionalCheckFailed", "Item": {"k": {"S": "x"}, "b": {"B": "AAE="}}, "Message": "m"},
        {"Code": "None"},
    ],
}
REFUSALS: Final[list[tuple[str, str, int, dict[str, str], bytes]]] = [
    ("dynamodb", "TransactWriteItems", 400, JSON, json.dumps(CANCELLED).encode()),
    ("dynamodb", "UpdateItem", 400, JSON, json.dumps({
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "m",
        "Item": {"B": {"B": "AAE="}},
    }).encode()),
    ("dynamodb", "GetItem", 400, JSON, b'{"__type": "com.amazon.coral.validate#ValidationException", "message": "m"}'),
    ("secretsmanager", "GetSecretValue", 400, JSON, b'{"__type": "ResourceNotFoundException", "Message": "gone"}'),
    ("stepfunctions", "StartSyncExecution", 400, JSON, b'{"__type": "ThrottlingException"}'),
    ("scheduler", "CreateSchedule", 409, {"x-amzn-errortype": "ConflictException:http://internal.amazon.com/coral/com.x/"},
        b'{"Message": "exists"}'),
    ("scheduler", "DeleteSchedule", 404, {"x-amzn-errortype": "ResourceNotFoundException"}, b'{"Message": "none"}'),
    ("scheduler", "DeleteSchedule", 429, {}, b'{"code": "ThrottlingException", "message": "slow"}'),
    ("apigatewaymanagementapi", "PostToConnection", 410, {"x-amzn-errortype": "GoneException"}, b""),
    ("apigatewaymanagementapi", "PostToConnection", 403, {"x-amzn-errortype": "ForbiddenException"},
        b'{"message": "Forbidden"}'),
    ("sqs", "SendMessage", 400, {**JSON, "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
        b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "none"}'),
    ("sqs", "SendMessage", 403, JSON, b'{"__type": "com.amazon.coral#ExpiredTokenException", "message": "old"}'),
    ("dynamodb", "GetItem", 500, {}, b""),
    ("dynamodb", "GetItem", 503, {}, b"<html><body>Service Unavailable</body></html>"),
    ("dynamodb", "GetItem", 502, {}, b'{"broken": '),
    ("s3", "GetObject", 404, {}, b"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>NoSuchKey</Code>"
        b"<Message>it&apos;s &lt;gone&gt; &amp;amp;</Message><Key>k</Key></Error>"),
    ("s3", "PutObject", 503, {}, b"<Error><Code>SlowDown</Code><Message>Reduce</Message></Error>"),
    ("s3", "GetObject", 416, {}, b"<Error><Code>InvalidRange</Code><Message>m</Message></Error>"),
    ("s3", "PutObject", 403, {}, b"<Error><Code>RequestTimeTooSkewed</Code><Message/></Error>"),
    ("s3", "PutObject", 500, {}, b""),
    ("s3", "PutObject", 502, {}, b"<html><head><title>Bad Gateway"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "status", "headers", "body"), REFUSALS)
def test_a_refusal_has_the_code_and_the_fields_of_botocores(
    service: str, operation: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    answer = Answer(status, headers, body)
    expected, found = by_botocore(service, operation, answer), by_ours(service, operation, answer)
    assert found["Error"]["Code"] == expected["Error"]["Code"]
    assert found["ResponseMetadata"]["HTTPStatusCode"] == status
    if headers or b"<Error>" in body:
        assert found["Error"]["Message"] == (expected["Error"]["Message"] or "")
    for name in ("CancellationReasons", "Item"):
        assert found.get(name) == expected.get(name)


@pytest.mark.parametrize("body", [
    b"", b"[]", b"7", b"null", b"\xff\xfe", b'{"B": "no base64"}', b"[" * 100_000, b'{"__type": 5}', b'{"code": []}',
    b'{"__type": "a b"}', b'{"__type": "\\u0000"}', b'{"__type": "x#"}', json.dumps({"__type": "e" * 9_999}).encode(),
    b'{"__type": "log\\nforged"}', b'{"__type": "\\ud800"}', b"<Error><Code>a b</Code></Error>",
])  # fmt: skip
@pytest.mark.parametrize("service", ["dynamodb", "s3", "scheduler"])
def test_what_is_no_error_of_aws_is_named_by_its_status(
    service: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may have written it, and the code becomes the name of a class and stands in logs."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    client = AwsClient(service, read_timeout=1, attempts=1, endpoint="")
    error = client._refused("GetItem", Answer(502, {}, body))
    assert error.response["Error"]["Code"] in ("502", "5")
    assert isinstance(error, client.exceptions.ClientError)


ANSWERS_THAT_ARE_NONE: Final[list[tuple[str, str, bytes]]] = [
    ("dynamodb", "get_item", b"<html>Sign in to the network</html>"),
    ("dynamodb", "get_item", b'{"Item": {"k": '),
    ("dynamodb", "get_item", b"[]"),
    ("dynamodb", "get_item", b"[" * 100_000),
    ("s3", "create_multipart_upload", b""),
    ("s3", "create_multipart_upload", b"<html></html>"),
    ("s3", "complete_multipart_upload", b"<CompleteMultipartUploadResult><Locat"),
]


def answered(monkeypatch: pytest.MonkeyPatch, service: str, answer: Answer) -> AwsClient:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-west-1")
    monkeypatch.setattr(calls, "exchange", lambda *_, **__: answer)
    return AwsClient(service, read_timeout=1, attempts=1, endpoint="")


UPLOAD: Final = {"Bucket": "b", "Key": "k", "UploadId": "u", "MultipartUpload": {"Parts": []}}


@pytest.mark.parametrize(("service", "method", "body"), ANSWERS_THAT_ARE_NONE)
def test_a_success_that_cannot_be_read_is_no_success(
    service: str, method: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unlike botocore, which makes an empty result of broken JSON. The call may have taken effect."""
    client = answered(monkeypatch, service, Answer(200, {}, body))
    target = {"Bucket": "b", "Key": "k"}
    parameters = {"get_item": {}, "create_multipart_upload": target, "complete_multipart_upload": UPLOAD}[method]
    with pytest.raises(AwsUnreachable) as raised:
        getattr(client, method)(**parameters)
    assert raised.value.sent
    assert "network" not in str(raised.value)


@pytest.mark.parametrize("code", ["InternalError", "SlowDown"])
def test_an_upload_that_fails_behind_a_200_failed_with_500(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = f'<?xml version="1.0"?>\n\n<Error><Code>{code}</Code><Message>m</Message></Error>'.encode()
    client = answered(monkeypatch, "s3", Answer(200, {}, body))
    monkeypatch.setattr(client, "_pause", lambda *_: None)
    with pytest.raises(AwsRefused, match=code) as raised:
        client.complete_multipart_upload(**UPLOAD)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_botocore_cannot_read_a_broken_upload_either() -> None:
    answer = Answer(200, {}, b"<CompleteMultipartUploadResult><Locat")
    with pytest.raises(ResponseParserError):
        by_botocore("s3", "CompleteMultipartUpload", answer)
