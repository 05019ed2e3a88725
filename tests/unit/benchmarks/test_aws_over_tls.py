"""The fake AWS of the benchmarks: its TLS is verified, and its answers have the shapes of botocore's own models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, SSLError
from botocore.session import Session
from botocore.validate import validate_parameters

from tests.fakes.aws_operations import Stored
from tests.fakes.aws_over_tls import AwsOverTls, aws_over_tls

KEY = {"name": {"S": "routes"}, "item": {"S": "live"}}
ROW = {**KEY, "document": {"S": "{}"}, "listed": {"S": "flow"}}
STORED = Stored({"flows": [ROW]}, {"flows": ["name", "item"]}, {"cf/key": "k3y"})
ENTRY = {"Id": "0", "MessageBody": "b", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
TARGET = {"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:aws:iam::123456789012:role/schedules"}
TURN = '{"nodes":{},"at":"hello","phase":"enter","flow":"f","visits":0,"variables":{}}'
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:turn"

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "get_item", {"TableName": "flows", "Key": KEY}),
    ("dynamodb", "batch_get_item", {"RequestItems": {"flows": {"Keys": [KEY]}}}),
    ("dynamodb", "put_item", {"TableName": "flows", "Item": ROW}),
    ("dynamodb", "delete_item", {"TableName": "flows", "Key": KEY}),
    ("dynamodb", "transact_write_items", {"TransactItems": [{"Put": {"TableName": "flows", "Item": ROW}}]}),
    (
        "dynamodb",
        "update_item",
        {
            "TableName": "rates",
            "Key": {"cell": {"S": "c"}},
            "UpdateExpression": "SET free_at = :free_at",
            "ExpressionAttributeValues": {":free_at": {"N": "1"}},
            "ReturnValues": "UPDATED_NEW",
        },
    ),
    (
        "dynamodb",
        "query",
        {
            "TableName": "flows",
            "IndexName": "listed",
            "KeyConditionExpression": "listed = :kind",
            "ExpressionAttributeValues": {":kind": {"S": "flow"}},
        },
    ),
    ("sqs", "send_message", {"QueueUrl": "https://sqs/1/q", "MessageBody": "b"}),
    ("sqs", "send_message_batch", {"QueueUrl": "https://sqs/1/q.fifo", "Entries": [ENTRY]}),
    ("secretsmanager", "get_secret_value", {"SecretId": "cf/key"}),
    ("secretsmanager", "describe_secret", {"SecretId": "cf/key"}),
    ("stepfunctions", "start_sync_execution", {"stateMachineArn": MACHINE, "name": "t", "input": TURN}),
    (
        "scheduler",
        "create_schedule",
        {
            "Name": "t",
            "ScheduleExpression": "at(2030-01-01T00:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": TARGET,
        },
    ),
    ("s3", "put_object", {"Bucket": "media", "Key": "media/c_1/9", "Body": b"x"}),
    ("s3", "put_object_tagging", {"Bucket": "media", "Key": "media/c_1/9", "Tagging": {"TagSet": []}}),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsOverTls]:
    with aws_over_tls(tmp_path_factory.mktemp("aws"), STORED) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: AwsOverTls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """A client of a service, which trusts the server's root, or whom it trusts otherwise."""
    root = tmp_path_factory.mktemp("root") / "root.pem"
    root.write_text(server.certificates.authority)
    style = Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    with pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment().items():
            environment.setenv(name, value)
        session = Session()

        @cache
        def client(service: str, *, trusts_root: bool = True, endpoint: str | None = None) -> Any:
            verify = str(root) if trusts_root else None
            return session.create_client(service, config=style, verify=verify, endpoint_url=endpoint)

        yield client


@pytest.mark.parametrize(("service", "operation", "request_"), CALLS)
def test_an_answer_has_the_shape_that_the_service_documents(
    client: Callable[..., Any], service: str, operation: str, request_: dict[str, Any]
) -> None:
    made = client(service)
    answer = getattr(made, operation)(**request_)
    del answer["ResponseMetadata"]
    shape = made.meta.service_model.operation_model(made.meta.method_to_api_mapping[operation]).output_shape
    if shape:
        validate_parameters(answer, shape)
        assert set(answer) <= set(shape.members)


def test_rows_are_read_and_never_change(client: Callable[..., Any]) -> None:
    dynamodb = client("dynamodb")
    dynamodb.delete_item(TableName="flows", Key=KEY)
    assert dynamodb.get_item(TableName="flows", Key=KEY)["Item"] == ROW


def test_a_secret_that_is_not_there_is_an_error(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("secretsmanager").get_secret_value(SecretId="cf/other")


def test_whoever_does_not_trust_the_root_is_not_answered(client: Callable[..., Any]) -> None:
    with pytest.raises(SSLError):
        client("dynamodb", trusts_root=False).get_item(TableName="flows", Key=KEY)


def test_calls_and_connections_are_counted(server: AwsOverTls, client: Callable[..., Any]) -> None:
    server.seen()
    for _ in range(2):
        client("dynamodb", endpoint=f"https://{server.host('dynamodb')}").get_item(TableName="flows", Key=KEY)
    seen = server.seen()
    assert (seen.operations, seen.connections) == (["dynamodb:GetItem"] * 2, {"dynamodb": 1})


def test_connections_may_be_dropped_after_each_answer(server: AwsOverTls, client: Callable[..., Any]) -> None:
    server.seen()
    dropping = server.environment(dropping=True)["AWS_ENDPOINT_URL_DYNAMODB"]
    for _ in range(2):
        client("dynamodb", endpoint=dropping).get_item(TableName="flows", Key=KEY)
    assert server.seen().connections == {"dynamodb": 2}
