"""Buckets are emptied when their stack is deleted, and at no other time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bucket_cleanup import handler
from chatflow.adapters.aws.botocore_clients import botocore_client
from tests.fakes.aws_account import an_account
from tests.fakes.cloudformation import FakeCloudFormation


class Clock:
    def __init__(self, milliseconds: int) -> None:
        self.get_remaining_time_in_millis = lambda: milliseconds


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with an_account(monkeypatch, "us-east-1"):
        s3 = botocore_client("s3")
        for name in ("media", "library"):
            s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket="library", VersioningConfiguration={"Status": "Enabled"})
        for number in range(3):
            s3.put_object(Bucket="media", Key=f"media/{number}", Body=b"x")
            s3.put_object(Bucket="library", Key="asset/same", Body=bytes([number]))
        s3.delete_object(Bucket="library", Key="asset/same")
        yield s3


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(handler, "answer", lambda event, resource, problem="": told.append(problem))
    return told


def _order(kind: str, *names: str, milliseconds: int = 300_000) -> None:
    event = {"RequestType": kind, "ResourceProperties": {"Buckets": list(names)}}
    handler.lambda_handler(event, Clock(milliseconds))


def _left(s3: Any, bucket: str) -> int:
    found = s3.list_object_versions(Bucket=bucket)
    return len(found.get("Versions", [])) + len(found.get("DeleteMarkers", []))


def test_every_version_is_gone_when_the_stack_is_deleted(buckets: Any, answers: list[str]) -> None:
    _order("Delete", "media", "library")
    assert (_left(buckets, "media"), _left(buckets, "library")) == (0, 0)
    assert answers == [""]


def test_nothing_is_written_to_a_bucket_that_was_emptied(buckets: Any, answers: list[str]) -> None:
    """S3 delivers access logs hours late, and CloudFormation deletes no bucket with objects."""
    own = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObjectAcl",
        "Resource": "arn:aws:s3:::media/*",
    }
    buckets.put_bucket_policy(Bucket="media", Policy=json.dumps({"Version": "2012-10-17", "Statement": [own]}))
    allowed = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": "arn:aws:s3:::access-logs/*"}]}
    buckets.create_bucket(Bucket="access-logs")
    buckets.put_bucket_policy(Bucket="access-logs", Policy=json.dumps(policy))
    for name in ("media", "library"):
        logged = {"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": f"{name}/"}}
        buckets.put_bucket_logging(Bucket=name, BucketLoggingStatus=logged)

    for _ in range(2):  # a second deletion repeats everything
        _order("Delete", "media", "library", "access-logs")
    for name in ("media", "library", "access-logs"):
        assert "LoggingEnabled" not in buckets.get_bucket_logging(Bucket=name)
        statements = json.loads(buckets.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
        denials = [
            each["Resource"] for each in statements if (each["Effect"], each["Action"]) == ("Deny", "s3:PutObject")
        ]
        assert denials == [f"arn:aws:s3:::{name}/*"]
    assert own in json.loads(buckets.get_bucket_policy(Bucket="media")["Policy"])["Statement"]
    assert answers == ["", ""]


def test_a_first_deploy_that_fails_after_files_were_published_leaves_no_object(
    buckets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation could delete no bucket with an object, and no deploy could begin until somebody emptied it."""

    def publish() -> None:
        buckets.put_object(Bucket="library", Key="asset/published", Body=b"pdf")

    stack = FakeCloudFormation(handler.lambda_handler, monkeypatch, context=Clock(300_000), created=publish)
    assert not stack.create({"Buckets": ["media", "library"]}, another_fails=True)
    assert (stack.status, stack.orders) == ("ROLLBACK_COMPLETE", ["Create", "Delete"])
    assert (_left(buckets, "media"), _left(buckets, "library")) == (0, 0)


def test_a_deletion_that_ran_out_of_time_goes_on_at_the_next_attempt(
    buckets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(300_000)
    stack = FakeCloudFormation(handler.lambda_handler, monkeypatch, context=clock)
    assert stack.create({"Buckets": ["media", "library"]})
    clock.get_remaining_time_in_millis = lambda: 1_000
    assert not stack.delete()
    assert stack.status == "DELETE_FAILED"
    clock.get_remaining_time_in_millis = lambda: 300_000
    assert stack.delete()
    assert _left(buckets, "library") == 0


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_deleted_while_the_stack_lives(buckets: Any, answers: list[str], kind: str) -> None:
    _order(kind, "media", "library")
    assert (_left(buckets, "media"), _left(buckets, "library")) == (3, 4)
    assert answers == [""]


def test_what_there_is_no_time_for_is_named(buckets: Any, answers: list[str]) -> None:
    _order("Delete", "media", "library", milliseconds=1_000)
    assert _left(buckets, "media") == 3
    assert answers == ["There was no time to empty media, library. Delete the stack again: it goes on from here."]


def test_a_bucket_that_is_gone_is_empty(buckets: Any, answers: list[str]) -> None:
    _order("Delete", "never-there", "media")
    assert answers == [""]
    assert _left(buckets, "media") == 0
