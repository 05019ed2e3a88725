"""CloudFormation is told what became of its order, in the form that it takes."""

from __future__ import annotations

import json

import pytest

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.adapters.cloudformation import answer, rolling_back
from tests.fakes.http_server import says, serving

ORDER = {"StackId": "arn:stack", "RequestId": "request", "LogicalResourceId": "Files"}


def _answered(problem: str = "", **order: str) -> tuple[dict[str, str], int]:
    """What CloudFormation gets, and how many bytes."""
    with serving(says()) as server:
        event = {**ORDER, "ResponseURL": server.url("/answer?signed=1"), **order}
        answer(event, "published-files", problem=problem)
    (request,) = server.requests
    # The address is signed for no content type.
    assert (request.path, request.headers["content-type"]) == ("/answer?signed=1", "")
    return json.loads(request.body), len(request.body)


@pytest.mark.parametrize(("problem", "status"), [("", "SUCCESS"), ("The flow a is refused.", "FAILED")])
def test_an_order_is_answered_at_its_own_address(problem: str, status: str) -> None:
    told, _ = _answered(problem)
    assert told == {**ORDER, "Status": status, "Reason": problem, "PhysicalResourceId": "published-files"}


@pytest.mark.parametrize("text", ["x", "ü", "日", "🚗", "\\", '"', "\n"])
def test_an_answer_is_never_longer_than_cloudformation_takes(text: str) -> None:
    """It would not take it, and wait for the timeout. Names of files and flows may be written in any script."""
    told, size = _answered(text * 9_000)
    assert told["Status"] == "FAILED"
    assert 4_000 < size <= 4_096
    assert set(told["Reason"]) == {text}


@pytest.mark.parametrize("id", ["published-files", "an-id-of-an-earlier-version", "Chatflow-dev-Files-1ABCDEF"])
def test_a_resource_keeps_the_id_that_an_order_names(id: str) -> None:
    """With another id, CloudFormation would order the deletion of the former resource: all flows would be withdrawn."""
    for kind in ("Update", "Delete"):
        told, _ = _answered(RequestType=kind, PhysicalResourceId=id)
        assert told["PhysicalResourceId"] == id


@pytest.mark.usefixtures("aws_account")
def test_a_stack_that_is_not_on_its_way_back_is_deployed() -> None:
    template = json.dumps({"Resources": {"A": {"Type": "AWS::SQS::Queue"}}})
    stack = botocore_client("cloudformation").create_stack(StackName="s", TemplateBody=template)["StackId"]
    assert rolling_back(stack) is False
