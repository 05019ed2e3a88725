"""CloudFormation's side of a custom resource: it is told what became of its order, and asked what it is doing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.request import Request, urlopen

from chatflow.adapters.aws import client

_LONGEST_REASON = 3000  # characters; the whole answer may have 4096 bytes


def answer(event: Mapping[str, Any], resource: str, *, problem: str = "") -> None:
    """Tell CloudFormation that the order was carried out, or what stood in the way.

    `resource` is the resource's physical id; one that changes would have the former one deleted.
    """
    body = {
        "Status": "FAILED" if problem else "SUCCESS",
        "Reason": problem[:_LONGEST_REASON],
        "PhysicalResourceId": resource,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    # The address is signed for a request without a content type. It comes from CloudFormation, not from a customer.
    request = Request(  # noqa: S310
        event["ResponseURL"], data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urlopen(request, timeout=30):  # noqa: S310  # nosec B310
        pass


def rolling_back(stack_id: str) -> bool:
    """Whether the stack is on its way back: its orders must then be carried out whatever else holds."""
    status: str = client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    return "ROLLBACK" in status
