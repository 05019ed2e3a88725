"""Functions of the local stack may do only what their role allows, by the conditions that it names."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def reader(cloud: Any) -> Any:
    """Make the function with the narrow role call S3: (the error's message or None, the answer)."""

    def call(operation: str, **arguments: Any) -> tuple[str | None, Any]:
        event = {"call": operation, "Bucket": cloud.outputs["Bucket"], **arguments}
        answer = cloud.client("lambda").invoke(FunctionName=cloud.outputs["Reader"], Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        return (payload["errorMessage"], None) if answer.get("FunctionError") else (None, payload)

    return call


def put(cloud: Any, key: str, state: str) -> None:
    cloud.client("s3").put_object(Bucket=cloud.outputs["Bucket"], Key=key, Body=b"x", Tagging=f"state={state}")


def test_a_role_reads_what_is_tagged_as_its_condition_says(cloud: Any, reader: Any) -> None:
    put(cloud, "media/clean", "clean")
    assert reader("get_object", Key="media/clean") == (None, "200")


@pytest.mark.parametrize("state", ["new", "unsafe"])
def test_a_role_does_not_read_what_is_tagged_otherwise(cloud: Any, reader: Any, state: str) -> None:
    put(cloud, f"media/{state}", state)
    error, _ = reader("get_object", Key=f"media/{state}")
    assert "AccessDenied" in error


def test_a_role_writes_only_under_the_prefix_it_was_given(reader: Any) -> None:
    assert reader("put_object", Key="media/mine", Tagging="state=new") == (None, "200")
    error, _ = reader("put_object", Key="asset/not-mine")
    assert "AccessDenied" in error


def test_a_role_does_nothing_that_no_policy_names(reader: Any) -> None:
    error, _ = reader("list_objects_v2")
    assert "AccessDenied" in error
