"""The tag of a file that was judged; asked of moto, which keeps tags as S3 does."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from chatflow.adapters.aws import client
from chatflow.errors import NotPublished
from malware_scan.files import JudgedFiles

KEY = "media/c_ann/s_1/3-abc-77"


@pytest.fixture
def s3(aws_account: Any) -> Any:
    made = aws_account("s3")
    made.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    made.put_object(Bucket="media", Key=KEY, Body=b"bytes", Tagging="state=new&days=30")
    return made


def tags(s3: Any) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in s3.get_object_tagging(Bucket="media", Key=KEY)["TagSet"]}


@pytest.mark.parametrize("state", ["clean", "unsafe"])
def test_a_verdict_replaces_the_state_and_nothing_else(s3: Any, state: str) -> None:
    JudgedFiles("media").mark(KEY, state)
    assert tags(s3) == {"state": state, "days": "30"}


def test_a_file_is_opened_as_a_stream(s3: Any) -> None:
    with JudgedFiles("media").open(KEY) as file:
        assert (file.len, file.read()) == (5, b"bytes")


def test_a_file_that_is_gone_is_not_there(s3: Any) -> None:
    files = JudgedFiles("media")
    with pytest.raises(NotPublished):
        files.mark(f"{KEY}x", "clean")
    with pytest.raises(NotPublished), files.open(f"{KEY}x"):
        pass


def test_a_file_that_is_gone_is_refused_to_who_may_not_list_and_is_not_there_all_the_same(s3: Any) -> None:
    """As S3 does it: the role of the scans may read every tag, but may not learn what there is."""
    with Stubber(client("s3")) as refusing:
        refusing.add_client_error("get_object_tagging", "AccessDenied", http_status_code=403)
        with pytest.raises(NotPublished):
            JudgedFiles("media").mark(KEY, "clean")


def test_what_was_said_of_a_file_is_known(s3: Any) -> None:
    assert JudgedFiles("media").state(KEY) == "new"
