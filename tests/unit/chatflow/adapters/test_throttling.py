"""A call that AWS throttles is repeated alone, until the deadline of its visit or turn; nothing else is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.retries.standard import ThrottledRetryableChecker
from botocore.session import Session

from chatflow.adapters import throttling
from chatflow.adapters.aws import calls
from chatflow.adapters.aws.calls import AwsClient
from chatflow.adapters.aws.connections import Answer, SignedRequest
from chatflow.adapters.aws.errors import AwsRefused

CALLS: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "dynamodb": (
        "ProvisionedThroughputExceededException",
        lambda client: client.get_item(TableName="t", Key={"k": {"S": "x"}}),
        "{}",
    ),
    "scheduler": (
        "ThrottlingException",
        lambda client: client.create_schedule(
            Name="n", ScheduleExpression="at(2030-01-01T00:00:00)", FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": "arn:aws:sqs:us-east-1:1:q", "RoleArn": "arn:aws:iam::1:role/r"},
        ),
        '{"ScheduleArn": "a"}',
    ),
    "stepfunctions": (
        "ThrottlingException",
        lambda client: client.start_sync_execution(stateMachineArn="arn:aws:states:us-east-1:1:stateMachine:m"),
        '{"executionArn": "e", "status": "SUCCEEDED"}',
    ),
    "s3": ("SlowDown", lambda client: client.put_object(Bucket="bucket", Key="k", Body=b"x"), ""),
    "sqs": ("RequestThrottled", lambda client: client.send_message(QueueUrl="https://q", MessageBody="x"), "{}"),
}  # fmt: skip


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses, which pass at once: the clock goes on by them."""
    made: list[float] = []
    start = time.time()
    monkeypatch.setattr(calls.time, "sleep", made.append)
    monkeypatch.setattr(throttling.time, "time", lambda: start + sum(made))
    for name, value in {
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def client_that_is_refused(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> Callable[..., tuple[Any, list[str]]]:
    """Makes a client whose first `times` requests are refused with this code; and the list of what it sends."""

    def made(service: str, times: int, code: str, ok: str) -> tuple[Any, list[str]]:
        sent: list[str] = []

        def exchange(request: SignedRequest, **_: Any) -> Answer:
            sent.append(request.operation)
            if len(sent) > times:
                return Answer(200, {}, ok.encode())
            if service == "s3":
                return Answer(503, {}, f"<Error><Code>{code}</Code></Error>".encode())
            return Answer(400, {"x-amzn-errortype": code}, f'{{"__type": "{code}"}}'.encode())

        monkeypatch.setattr(calls, "exchange", exchange)
        return AwsClient(service, read_timeout=1.0, attempts=1, endpoint=""), sent

    return made


@pytest.mark.parametrize("service", CALLS)
def test_a_throttled_call_is_repeated_alone_although_it_may_not_be_retried(
    service: str, pauses: list[float], client_that_is_refused: Callable[..., Any]
) -> None:
    code, call, ok = CALLS[service]
    client, sent = client_that_is_refused(service, 7, code, ok)
    with throttling.calls_until(time.time() + 60):
        call(client)
    assert len(sent) == 8
    assert all(pause <= 4 for pause in pauses)


@pytest.mark.parametrize("service", CALLS)
def test_it_is_given_up_at_the_deadline_and_known_as_a_throttle(
    service: str, pauses: list[float], client_that_is_refused: Callable[..., Any]
) -> None:
    code, call, ok = CALLS[service]
    client, sent = client_that_is_refused(service, 1_000, code, ok)
    with throttling.calls_until(time.time() + 20), pytest.raises(AwsRefused) as caught:
        call(client)
    assert throttling.is_throttle(caught.value)
    assert 10 < sum(pauses) < 20
    assert len(sent) < 20


def test_a_refusal_for_another_reason_is_not_repeated(client_that_is_refused: Callable[..., Any]) -> None:
    client, sent = client_that_is_refused("dynamodb", 1_000, "AccessDeniedException", "{}")
    with throttling.calls_until(time.time() + 60), pytest.raises(AwsRefused) as caught:
        CALLS["dynamodb"][1](client)
    assert not throttling.is_throttle(caught.value)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("codes", "throttled"),
    [
        (["None", "ThrottlingError"], True),
        (["TransactionConflict", "None"], True),
        (["ProvisionedThroughputExceeded", "ConditionalCheckFailed"], False),
        (["ConditionalCheckFailed", "None"], False),
        (["None"], False),
    ],
)
def test_a_cancelled_transaction_was_throttled_only_if_nothing_else_speaks_against_it(
    codes: list[str], throttled: bool
) -> None:
    answer = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    assert throttling.is_throttled(answer) is throttled


def test_every_code_that_botocore_takes_for_a_throttle_is_one() -> None:
    assert set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES) <= throttling.CODES


def test_every_refusal_of_a_write_that_dynamodb_may_take_a_moment_later_is_one() -> None:
    model = Session().get_service_model("dynamodb")
    calls = [name for name in model.operation_names if name.endswith(("Item", "Items"))]
    names = {error.name for name in calls for error in model.operation_model(name).error_shapes}
    assert {name for name in names if re.search("Conflict|Throttl|Throughput|InProgress", name)} <= throttling.CODES


def test_a_deadline_holds_within_its_block_only() -> None:
    with throttling.calls_until(1.0):
        assert throttling.pause_before(2, time.time()) is None
    assert throttling.pause_before(2, time.time()) is not None
