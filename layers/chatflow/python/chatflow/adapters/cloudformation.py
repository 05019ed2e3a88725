"""CloudFormation's side of a custom resource: reports the result of a request, and reads the stack's status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import Request, urlopen

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.errors import ChatflowError

# Bytes of the whole response; CloudFormation takes no longer one, and would wait for the timeout.
# AWS CloudFormation User Guide, "Custom resource response objects".
_MAX_RESPONSE: Final = 4096


def answer(event: Mapping[str, Any], resource: str, *, problem: str = "") -> None:
    """Report to CloudFormation that the request succeeded, or failed because of `problem`.

    `resource` is the physical id of a resource that is created. Later orders name it, and are answered with it: when
    the id changes, CloudFormation orders the deletion of the former resource, and it takes no other id for a deletion.
    After a creation that was never answered, the order to delete has an id that CloudFormation chose.
    """
    body = {
        "Status": "FAILED" if problem else "SUCCESS",
        "Reason": problem,
        "PhysicalResourceId": event.get("PhysicalResourceId") or resource,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    # The URL is signed for a request without a content type. It comes from CloudFormation, not from a customer.
    request = Request(  # noqa: S310
        event["ResponseURL"], data=_encoded(body), method="PUT", headers={"Content-Type": ""}
    )
    with urlopen(request, timeout=30):  # noqa: S310  # nosec B310
        pass


@contextmanager
def answering(event: Mapping[str, Any], resource: str, log_failure: Callable[[str], None]) -> Iterator[None]:
    """Answer the request when the block ends, failures too: without an answer, CloudFormation waits for a timeout.

    `log_failure` is called in the handler of the exception, which goes no further.
    """
    try:
        yield
    except Exception as error:
        log_failure(f"the request for {resource} failed")
        problem = str(error) if isinstance(error, ChatflowError) else f"{type(error).__name__}; see the function's log"
        answer(event, resource, problem=problem)
    else:
        answer(event, resource)


def _encoded(body: Mapping[str, str]) -> bytes:
    """The response, with as much of its reason as it has room for."""
    reason = body["Reason"]
    while len(encoded := json.dumps({**body, "Reason": reason}).encode()) > _MAX_RESPONSE:
        # A character takes up to twelve bytes: cut off no more than that many in excess.
        reason = reason[: -max(1, (len(encoded) - _MAX_RESPONSE) // 12)]
    return encoded


def rolling_back(stack_id: str) -> bool:
    """Whether the stack is rolling back. A request of a rollback must be carried out whatever else holds."""
    status: str = botocore_client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    return "ROLLBACK" in status
