"""CloudFormation is told what became of its order, in the form that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatflow.adapters.cloudformation import answer, rolling_back
from tests.fakes.http_server import says, serving


@pytest.mark.parametrize(("problem", "status"), [("", "SUCCESS"), ("x" * 9_000, "FAILED")])
def test_an_order_is_answered_at_its_own_address(problem: str, status: str) -> None:
    with serving(says()) as server:
        event = {
            "ResponseURL": server.url("/answer?signed=1"),
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Files",
        }
        answer(event, "published-files", problem=problem)
    (request,) = server.requests
    path, content_type, body = request.path, request.headers["content-type"], request.body
    assert (path, content_type) == ("/answer?signed=1", "")  # the address is signed for no content type
    told = json.loads(body)
    assert (told["Status"], told["PhysicalResourceId"]) == (status, "published-files")
    assert len(body) < 4096


def test_a_stack_that_is_not_on_its_way_back_is_deployed(aws_account: Any) -> None:
    template = json.dumps({"Resources": {"A": {"Type": "AWS::SQS::Queue"}}})
    stack = aws_account("cloudformation").create_stack(StackName="s", TemplateBody=template)["StackId"]
    assert rolling_back(stack) is False
