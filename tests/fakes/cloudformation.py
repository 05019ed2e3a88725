"""CloudFormation as the Lambda function of a custom resource sees it: its orders, in the documented order.

AWS CloudFormation User Guide, "Custom resource request types" and "Custom resource response objects": a creation that
fails is followed by Delete, an update that fails by Update with the former properties, and a changed physical id by
Delete for the former resource. An order may come twice, since Lambda runs an asynchronous event at least once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chatflow.adapters import cloudformation

STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/Chatflow-test/0a1b2c3d-0000-1111-2222-333344445555"
Properties = Mapping[str, Any]


class FakeCloudFormation:
    """One stack with one custom resource. `status` is the stack's; `orders` are the types of what was ordered."""

    def __init__(
        self,
        handler: Callable[[dict[str, Any], Any], None],
        monkeypatch: pytest.MonkeyPatch,
        *,
        context: object = None,
        created: Callable[[], None] = lambda: None,
    ) -> None:
        """`context` is Lambda's. `created` is called where the resources are created that depend on this one."""
        self._handler, self._context, self._created = handler, context, created
        self._answers: dict[str, dict[str, str]] = {}
        self._properties: Properties = {}
        self._id = ""
        self._ordered = 0
        self.status = ""
        self.orders: list[str] = []
        self.copies = 1  # how often each order is delivered
        self.loses_answers_to = ""  # a type of orders: CloudFormation gives up after the resource's timeout
        self.between_orders: Callable[[], None] = lambda: None
        real = cloudformation.botocore_client
        monkeypatch.setattr(
            cloudformation, "botocore_client", lambda service: self if service == "cloudformation" else real(service)
        )
        monkeypatch.setattr(cloudformation, "urlopen", self._take)

    def create(self, properties: Properties, *, another_fails: bool = False) -> bool:
        """Whether the stack was created. `another_fails`: a resource that is created after this one."""
        self.status = "CREATE_IN_PROGRESS"
        answer = self._order("Create", properties)
        self._id = answer["PhysicalResourceId"] if answer else "Chatflow-test-Files-1ABCDEF"
        self._created()
        if self._succeeded(answer) and not another_fails:
            self.status, self._properties = "CREATE_COMPLETE", properties
            return True
        self.status = "ROLLBACK_IN_PROGRESS"
        self.status = "ROLLBACK_COMPLETE" if self._delete(properties) else "ROLLBACK_FAILED"
        return False

    def update(self, properties: Properties, *, another_fails: bool = False) -> bool:
        """Whether the stack was updated; if not, it was rolled back."""
        former, self.status = self._properties, "UPDATE_IN_PROGRESS"
        succeeded = True
        if properties != former:
            answer = self._order("Update", properties, former)
            succeeded = self._succeeded(answer)
            self._follow(answer, former)
        if succeeded and not another_fails:
            self.status, self._properties = "UPDATE_COMPLETE", properties
            return True
        self.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        rolled_back = True
        if properties != former:
            answer = self._order("Update", former, properties)
            rolled_back = self._succeeded(answer)
            self._follow(answer, properties)
        self.status = "UPDATE_ROLLBACK_COMPLETE" if rolled_back else "UPDATE_ROLLBACK_FAILED"
        return False

    def delete(self) -> bool:
        """Whether the stack was deleted."""
        self.status = "DELETE_IN_PROGRESS"
        deleted = self._delete(self._properties)
        self.status = "DELETE_COMPLETE" if deleted else "DELETE_FAILED"
        return deleted

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        assert StackName == STACK_ID
        return {"Stacks": [{"StackStatus": self.status}]}

    def _delete(self, properties: Properties) -> bool:
        answer = self._order("Delete", properties)
        return self._succeeded(answer) and answer is not None and answer["PhysicalResourceId"] == self._id

    def _follow(self, answer: dict[str, str] | None, replaced: Properties) -> None:
        """Another physical id names another resource: the former one is deleted."""
        if answer is not None and answer["PhysicalResourceId"] != self._id:
            self._delete(replaced)
            self._id = answer["PhysicalResourceId"]

    def _order(self, kind: str, properties: Properties, former: Properties | None = None) -> dict[str, str] | None:
        self._ordered += 1
        self.orders.append(kind)
        event: dict[str, Any] = {
            "RequestType": kind,
            "RequestId": f"request-{self._ordered}",
            "ResponseURL": f"https://answers.example/request-{self._ordered}",
            "StackId": STACK_ID,
            "LogicalResourceId": "Files",
            "ResourceProperties": dict(properties),
        }
        if kind != "Create":
            event["PhysicalResourceId"] = self._id
        if former is not None:
            event["OldResourceProperties"] = dict(former)
        for _ in range(self.copies):
            self._handler(event, self._context)
        self.between_orders()
        return None if self.loses_answers_to == kind else self._answers[event["RequestId"]]

    def _take(self, request: Any, timeout: float) -> FakeCloudFormation:
        answer = json.loads(request.data)
        self._answers.setdefault(answer["RequestId"], answer)  # the first one counts
        return self

    def __enter__(self) -> FakeCloudFormation:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @staticmethod
    def _succeeded(answer: dict[str, str] | None) -> bool:
        return answer is not None and answer["Status"] == "SUCCESS"
