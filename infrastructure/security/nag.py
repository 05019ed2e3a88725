"""cdk-nag: its findings stop the synth. A construct waives a finding beside the resource that has it, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Acknowledgment, App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct


@dataclass(frozen=True)
class WildcardArn:
    """An ARN with a `*`, and the reason why the resource cannot be named at deploy."""

    arn: str
    reason: str


def check_with_nag(app: App) -> None:
    """Add both rule packs; a finding that is not waived fails the synth."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def waive(scope: IConstruct, rule: str, reason: str) -> None:
    """Accept a finding on this construct and its children."""
    Validations.of(scope).acknowledge(Acknowledgment(id=rule, reason=reason))


def waive_wildcard(role: IConstruct, wildcard: WildcardArn) -> None:
    """Accept that a policy of this role names a resource by a wildcard."""
    resource = _finding_text(Stack.of(role).resolve(wildcard.arn))
    waive(role, f"AwsSolutions-IAM5[Resource::{resource}]", wildcard.reason)


def _finding_text(resolved: object) -> str:
    """An ARN as cdk-nag's findings name it: references in angle brackets."""
    if isinstance(resolved, dict):
        ((function, argument),) = resolved.items()
        if function == "Fn::Join":
            return "".join(map(_finding_text, argument[1]))
        if function == "Fn::Sub":
            return str(argument).replace("${", "<").replace("}", ">")
        return f"<{argument}>" if function == "Ref" else f"<{'.'.join(argument)}>"
    return str(resolved)
