"""The deployed CloudFormation stack: its state and its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.finding import Finding, not_ok, ok

ACTION = "cloudformation:DescribeStacks"
CHECK = "Stack"
# The CDK deletes such a stack, then creates it.
_FAILED_CREATION: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
# A change set that was never executed: there are no resources.
_NOT_CREATED: Final = ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")


@dataclass(frozen=True)
class Stack:
    """A stack of the account. `status` is "" when there is none."""

    name: str
    status: str = ""
    is_protected: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_deployed(self) -> bool:
        """Whether it has resources that an update keeps."""
        return bool(self.status) and self.status not in (*_FAILED_CREATION, *_NOT_CREATED)

    @property
    def is_complete(self) -> bool:
        """Whether it can be used: nothing is being changed, and nothing was deleted."""
        return self.is_deployed and not self.status.endswith("_IN_PROGRESS") and self.status != "DELETE_FAILED"


def read_stack(account: Account, name: str) -> Stack:
    """Raises what botocore raises, but for a stack that does not exist."""
    from botocore.exceptions import ClientError

    try:
        (stack,) = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # "Stack with id ... does not exist"
            raise
        return Stack(name)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    return Stack(name, stack["StackStatus"], bool(stack.get("EnableTerminationProtection")), outputs)


def stack_finding(stack: Stack) -> Finding:
    """Whether a deploy can create or update the stack."""
    name, status = stack.name, stack.status
    if not stack.status or status in _NOT_CREATED:
        return ok(CHECK, f"{name} does not exist yet: the deploy creates it")
    if status in _FAILED_CREATION:
        if stack.is_protected:
            return not_ok(
                CHECK,
                f"The first deploy of {name} failed ({status}). It must be deleted before the next, and is protected "
                "from deletion. It has no data yet.",
                "Remove the protection, then deploy again: aws cloudformation update-termination-protection "
                f"--no-enable-termination-protection --stack-name {name}",
            )
        return ok(CHECK, f"the first deploy of {name} failed ({status}): the next deploy replaces it")
    if status.endswith("_IN_PROGRESS"):
        return not_ok(
            CHECK,
            f"{name} is being changed ({status}).",
            f"Wait: aws cloudformation describe-stacks --stack-name {name}",
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        return not_ok(
            CHECK,
            f"The rollback of an update of {name} failed: no deploy can change it.",
            f"Finish it: aws cloudformation continue-update-rollback --stack-name {name}",
        )
    if status == "DELETE_FAILED":
        return not_ok(
            CHECK,
            f"{name} could not be deleted completely.",
            "See in the CloudFormation console which resource remained, then delete the stack again: make destroy",
        )
    return ok(CHECK, f"{name} is deployed ({status})")
