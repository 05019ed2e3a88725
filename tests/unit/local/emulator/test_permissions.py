"""Functions on the local stack have exactly the permissions of their role, including its conditions."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def reader(cloud: Any) -> Any:
    """Make the function with the narrow role call S3: (the error's message or None, the answer)."""

    def call(operation: str, **arguments: Any) -> tuple[str | None, Any]:
        where = {} if "service" in arguments else {"Bucket": cloud.outputs["Bucket"]}
        event = {"call": operation, **where, **arguments}
        answer = cloud.client("lambda").invoke(FunctionName=cloud.outputs["Reader"], Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        return (payload["errorMessage"], None) if answer.get("FunctionError") else (None, payload)

    return call


def put(cloud: Any, key: str, state: str) -> None:
    cloud.client("s3").put_object(Bucket=cloud.outputs["Bucket"], Key=key, Body=b"x", Tagging=f"state={state}")


def test_a_role_reads_objects_whose_tags_meet_its_condition(cloud: Any, reader: Any) -> None:
    put(cloud, "media/clean", "clean")
    assert reader("get_object", Key="media/clean") == (None, "200")


@pytest.mark.parametrize("state", ["new", "unsafe"])
def test_a_role_does_not_read_objects_with_other_tags(cloud: Any, reader: Any, state: str) -> None:
    put(cloud, f"media/{state}", state)
    error, _ = reader("get_object", Key=f"media/{state}")
    assert "AccessDenied" in error


def test_a_role_writes_only_under_its_prefix(reader: Any) -> None:
    assert reader("put_object", Key="media/mine") == (None, "200")
    error, _ = reader("put_object", Key="asset/not-mine")
    assert "AccessDenied" in error


def test_storing_with_tags_needs_the_permission_to_tag(reader: Any) -> None:
    assert reader("put_object", Key="media/tagged/1", Tagging="state=new") == (None, "200")
    error, _ = reader("put_object", Key="media/untagged/1", Tagging="state=new")
    assert "s3:PutObjectTagging" in error


def test_a_condition_sees_the_tags_of_a_write(reader: Any) -> None:
    assert reader("put_object", Key="new/1", Tagging="state=new") == (None, "200")
    assert reader("create_multipart_upload", Key="new/2", Tagging="state=new") == (None, "200")
    for operation in ("put_object", "create_multipart_upload"):
        error, _ = reader(operation, Key="new/1", Tagging="state=clean")
        assert "s3:PutObjectTagging" in error


def test_a_condition_sees_the_new_tags_of_an_object(reader: Any) -> None:
    tags = {state: {"TagSet": [{"Key": "state", "Value": state}]} for state in ("new", "clean")}
    reader("put_object", Key="new/3")
    assert reader("put_object_tagging", Key="new/3", Tagging=tags["new"]) == (None, "200")
    error, _ = reader("put_object_tagging", Key="new/3", Tagging=tags["clean"])
    assert "s3:PutObjectTagging" in error


def test_a_batch_of_messages_needs_the_permission_of_a_single_one(cloud: Any, reader: Any) -> None:
    entries = [{"Id": "1", "MessageBody": '{"nonce": "from a role"}'}]
    allowed = {"service": "sqs", "QueueUrl": cloud.outputs["Unscheduled"], "Entries": entries}
    assert reader("send_message_batch", **allowed) == (None, "200")
    error, _ = reader("send_message_batch", **{**allowed, "QueueUrl": cloud.outputs["Scheduled"]})
    assert "sqs:SendMessage" in error


def test_a_role_does_nothing_that_no_policy_names(reader: Any) -> None:
    error, _ = reader("list_objects_v2")
    assert "AccessDenied" in error


def test_a_bucket_that_demands_tls_accepts_loopback(cloud: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="tls-only")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    s3.put_object(Bucket="tls-only", Key="a", Body=b"x")
    assert s3.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"x"


def test_a_role_schedules_only_in_its_group(cloud: Any, reader: Any) -> None:
    wanted = {
        "service": "scheduler",
        "Name": "from-a-role",
        "ScheduleExpression": "at(2040-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": cloud.outputs["ScheduledArn"], "RoleArn": cloud.outputs["RoleArn"]},
    }
    assert reader("create_schedule", GroupName=cloud.outputs["Schedules"], **wanted) == (None, "200")
    named = {"service": "scheduler", "Name": "from-a-role", "GroupName": cloud.outputs["Schedules"]}
    assert reader("delete_schedule", **named) == (None, "200")
    error, _ = reader("create_schedule", **wanted)
    assert "scheduler:CreateSchedule" in error
