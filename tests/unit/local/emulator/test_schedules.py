"""One-time schedules on the local stack send to a FIFO queue once, by the queue's own rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError


def schedule(
    cloud: Any, body: dict[str, Any], *, seconds: float = 2, queue: str = "ScheduledArn", **target: Any
) -> str:
    """Create a one-time schedule; returns its name."""
    name = f"s-{uuid4().hex}"
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    cloud.client("scheduler").create_schedule(
        Name=name,
        GroupName=cloud.outputs["Schedules"],
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": cloud.outputs.get(queue, queue),
            "RoleArn": cloud.outputs["RoleArn"],
            "Input": json.dumps(body),
            "SqsParameters": {"MessageGroupId": "c_1"},
            **target,
        },
    )
    return name


def receive(cloud: Any, queue: str) -> list[dict[str, Any]]:
    sqs = cloud.client("sqs")
    answer = sqs.receive_message(
        QueueUrl=cloud.outputs[queue], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=1
    )
    for message in answer.get("Messages", []):
        sqs.delete_message(QueueUrl=cloud.outputs[queue], ReceiptHandle=message["ReceiptHandle"])
    return list(answer.get("Messages", []))


def exists(cloud: Any, name: str) -> bool:
    try:
        cloud.client("scheduler").get_schedule(Name=name, GroupName=cloud.outputs["Schedules"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"
        return False
    return True


def test_a_schedule_sends_its_input_in_its_group_and_is_deleted_afterwards(cloud: Any, eventually: Any) -> None:
    name = schedule(cloud, {"kind": "timeout", "nonce": uuid4().hex})
    assert exists(cloud, name)
    [message] = eventually(lambda: receive(cloud, "Scheduled"))
    assert json.loads(message["Body"])["kind"] == "timeout"
    assert message["Attributes"]["MessageGroupId"] == "c_1"
    eventually(lambda: not exists(cloud, name))


def test_schedules_with_the_same_input_send_it_once(cloud: Any, eventually: Any) -> None:
    body = {"kind": "timeout", "nonce": uuid4().hex}
    names = [schedule(cloud, body), schedule(cloud, body)]
    eventually(lambda: not any(exists(cloud, n) for n in names))
    sent = [json.loads(message["Body"]) for message in receive(cloud, "Scheduled")]
    assert sent.count(body) == 1


def test_an_undeliverable_message_goes_to_the_schedules_dead_letters(cloud: Any, eventually: Any) -> None:
    gone = cloud.outputs["ScheduledArn"] + "x"
    schedule(cloud, {"nonce": "undelivered"}, queue=gone, DeadLetterConfig={"Arn": cloud.outputs["UnscheduledArn"]})
    eventually(lambda: {"nonce": "undelivered"} in [json.loads(m["Body"]) for m in receive(cloud, "Unscheduled")])


def test_a_schedule_that_is_not_due_waits(cloud: Any) -> None:
    name = schedule(cloud, {"nonce": uuid4().hex}, seconds=3600)
    assert receive(cloud, "Scheduled") == []
    assert exists(cloud, name)


def test_the_name_of_a_schedule_is_unique(cloud: Any) -> None:
    name = schedule(cloud, {}, seconds=3600)
    scheduler = cloud.client("scheduler")
    existing = scheduler.get_schedule(Name=name, GroupName=cloud.outputs["Schedules"])
    with pytest.raises(ClientError, match="ConflictException"):
        scheduler.create_schedule(
            **{k: existing[k] for k in ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
        )
