"""CloudFormation's side of a custom resource: reports the result of a request, and reads the stack's status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.request import Request, urlopen

from chatflow.adapters.aws import client

_MAX_REASON = 3000  # characters; the whole response may have 4096 bytes


def answer(event: Mapping[str, Any], resource: str, *, problem: str = "") -> None:
    """Report to CloudFormation that the request succeeded, or failed because of `problem`.

    `resource` is the physical id of the resource. CloudFormation deletes the former resource when the id changes.
    """
    body = {
        "Status": "FAILED" if problem else "SUCCESS",
        "Reason": problem[:_MAX_REASON],
        "PhysicalResourceId": resource,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    # The URL is signed for a request without a content type. It comes from CloudFormation, not from a customer.
    request = Request(  # noqa: S310
        event["ResponseURL"], data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urlopen(request, timeout=30):  # noqa: S310  # nosec B310
        pass


def rolling_back(stack_id: str) -> bool:
    """Whether the stack is rolling back. A request of a rollback must be carried out whatever else holds."""
    status: str = client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    return "ROLLBACK" in status
