"""The permissions in a template: one for each principal, its actions, a resource, and the condition.

Every policy document in the template is read, whatever the type of its resource: none is left out as harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from infrastructure.review.template import Template, as_list, of_type, plain, readable, unhashed

# The types of resources with a policy about themselves: the property of the policy, and of the resource's name.
_RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::KMS::Key": ("KeyPolicy", ""),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId"),
    "AWS::Logs::ResourcePolicy": ("PolicyDocument", "PolicyName"),
}
_READ_AS_ROLES = {"AWS::IAM::Policy", "AWS::IAM::Role"}


class UnknownPolicy(ValueError):
    """A resource has a policy that this module cannot read."""


@dataclass(frozen=True, order=True)
class Permission:
    """One permission, or one refusal.

    `section` is the part of the page; `holder` is the principal or resource under whose name the page lists it.
    """

    section: str
    holder: str
    effect: str
    actions: tuple[str, ...]
    resource: str
    condition: str = ""

    def __str__(self) -> str:
        when = f" when {self.condition}" if self.condition else ""
        return f"{self.effect} {', '.join(self.actions)} on {self.resource}{when}"


ROLES = "Permissions of each role"
TRUST = "Principals that may assume each role"
RESOURCE_POLICIES = "Policies of resources"
INVOCATIONS = "Services that may invoke functions"
ROUTES = "Routes of the HTTP API"


def permissions(template: Template) -> list[Permission]:
    """Every permission of the template, sorted. Raises UnknownPolicy for a policy on an unexpected type of resource."""
    return sorted(
        {
            *_roles(template),
            *_trust(template),
            *_resource_policies(template),
            *_invocations(template),
            *_routes(template),
        }
    )


# What each setting adds to the stage `dev`: the heading on the page, and the context of its template.
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "a customer-managed key (`-c kms=true`)": {"kms": "true"},
    "scans by GuardDuty (`-c malware_scanning=guardduty`)": {"malware_scanning": "guardduty"},
    "scans by ClamAV (`-c malware_scanning=clamav`)": {"malware_scanning": "clamav", "clamd": "clamd.internal:3310"},
}


def document(synth: Callable[..., Template]) -> str:
    """The page docs/permissions.md. `synth` makes the template for a context, such as `stage="dev"`."""
    plain = permissions(synth(stage="dev"))
    parts = [_HEAD, *_sections(plain)]
    for heading, context in VARIANTS.items():
        added = sorted(set(permissions(synth(stage="dev", **context))) - set(plain))
        parts += [f"# In addition, with {heading}\n", *_sections(added)]
    return "\n".join(parts).rstrip()


def _sections(every: list[Permission]) -> Iterator[str]:
    for section in (ROLES, TRUST, RESOURCE_POLICIES, INVOCATIONS, ROUTES):
        in_section = [each for each in every if each.section == section]
        if not in_section:
            continue
        yield f"## {section}\n"
        for holder in sorted({each.holder for each in in_section}):
            yield f"**{holder}**"
            yield from (f"- {_markdown(each)}" for each in in_section if each.holder == holder)
            yield ""


def _markdown(permission: Permission) -> str:
    actions = ", ".join(f"`{action}`" for action in permission.actions)
    when = f" when `{permission.condition}`" if permission.condition else ""
    return f"{permission.effect} {actions} on `{permission.resource}`{when}"


def _roles(template: Template) -> Iterator[Permission]:
    holders = _holders(template)
    for _, policy in of_type(template, "AWS::IAM::Policy"):
        for role in policy["Roles"]:
            holder = holders.get(plain(role), readable(role))
            for statement in policy["PolicyDocument"]["Statement"]:
                yield from _statement(ROLES, holder, statement)
    for name, role in of_type(template, "AWS::IAM::Role"):
        holder = holders[f"<{name}>"]
        for arn in role.get("ManagedPolicyArns", []):
            yield Permission(ROLES, holder, "may", ("everything",), readable(arn))
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield from _statement(ROLES, holder, statement)


def _holders(template: Template) -> dict[str, str]:
    """The readable name of each role, by reference: its construct, and the function that assumes it."""
    holders = {f"<{name}>": unhashed(name).removesuffix("Role") for name, _ in of_type(template, "AWS::IAM::Role")}
    for _, function in of_type(template, "AWS::Lambda::Function"):
        role = f"<{plain(function['Role']).strip('<>').partition('.')[0]}>"
        name = str(function.get("FunctionName", "")).rpartition("Chatflow-")[2].partition("-")[2]
        holders[role] = f"{holders[role]} (function {name})"
    return holders


def _trust(template: Template) -> Iterator[Permission]:
    holders = _holders(template)
    for name, role in of_type(template, "AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            for principal in _principals(statement):
                holder = holders[f"<{name}>"]
                actions = tuple(as_list(statement["Action"]))
                yield Permission(TRUST, principal, _effect(statement), actions, holder, _condition(statement))


def _resource_policies(template: Template) -> Iterator[Permission]:
    for name, resource in sorted(template["Resources"].items()):
        properties = resource.get("Properties", {})
        if resource["Type"] not in _RESOURCE_POLICIES:
            policies = [key for key in properties if key.endswith(("PolicyDocument", "KeyPolicy", "ResourcePolicy"))]
            if policies and resource["Type"] not in _READ_AS_ROLES:
                raise UnknownPolicy(
                    f"{name} ({resource['Type']}) has {', '.join(policies)}: add the type to _RESOURCE_POLICIES"
                )
            continue
        key, names = _RESOURCE_POLICIES[resource["Type"]]
        holder = ", ".join(map(readable, as_list(properties[names]))) if names else f"<{unhashed(name)}>"
        for statement in properties[key]["Statement"]:
            for principal in _principals(statement):
                for each in _statement(RESOURCE_POLICIES, holder, statement):
                    yield replace(each, effect=f"{principal} {each.effect}")


def _invocations(template: Template) -> Iterator[Permission]:
    for _, permission in of_type(template, "AWS::Lambda::Permission"):
        source = readable(permission.get("SourceArn", "anything"))
        account = f", account {readable(permission['SourceAccount'])}" if "SourceAccount" in permission else ""
        yield Permission(
            INVOCATIONS,
            str(permission["Principal"]),
            "may",
            (permission["Action"],),
            readable(permission["FunctionName"]),
            f"from {source}{account}",
        )
    for _, trigger in of_type(template, "AWS::Lambda::EventSourceMapping"):
        source, function = readable(trigger["EventSourceArn"]), readable(trigger["FunctionName"])
        yield Permission(INVOCATIONS, "lambda (a trigger, with the function's own role)", "reads", (source,), function)


def _routes(template: Template) -> Iterator[Permission]:
    """Public routes one by one; the others, whose roles are in docs/openapi.json, as one."""
    for _, route in of_type(template, "AWS::ApiGatewayV2::Route"):
        kind, key = route.get("AuthorizationType", "NONE"), route["RouteKey"]
        if kind == "NONE":
            holder = "anybody (the function verifies the channel's signature)"
        else:
            holder = f"a user with a {kind} token (the function checks the role)"
            key = re.sub(r"(?<= /api/v1/).+", "...", key)
        yield Permission(ROUTES, holder, "may call", (key,), "the HTTP API")


def _statement(section: str, holder: str, statement: dict[str, Any]) -> Iterator[Permission]:
    """One for each resource. `NotAction` and `NotResource` are shown as such, since they allow everything else."""
    actions = tuple(sorted(as_list(statement.get("Action", []))))
    actions += tuple(f"everything but {each}" for each in as_list(statement.get("NotAction", [])))
    resources = [readable(each) for each in as_list(statement.get("Resource", []))]
    resources += [f"everything but {readable(each)}" for each in as_list(statement.get("NotResource", []))]
    for resource in resources or ["itself"]:
        yield Permission(section, holder, _effect(statement), actions, resource, _condition(statement))


def _effect(statement: dict[str, Any]) -> str:
    return "may" if statement["Effect"] == "Allow" else "may not"


def _principals(statement: dict[str, Any]) -> list[str]:
    principal = statement["Principal"]
    if isinstance(principal, str):
        return ["anybody" if principal == "*" else principal]
    names = [readable(each) for value in principal.values() for each in as_list(value)]
    return ["anybody" if name == "*" else name for name in names]


def _condition(statement: dict[str, Any]) -> str:
    """`StringEquals s3:ExistingObjectTag/state = clean`, several joined by `and`."""
    tests = [
        f"{operator} {key} = {' | '.join(readable(each) for each in as_list(value))}"
        for operator, tested in sorted(statement.get("Condition", {}).items())
        for key, value in sorted(tested.items())
    ]
    return " and ".join(tests)


_HEAD = """# Permissions

Generated by `make permissions` from the synthesized template of the stage `dev`; a test fails when this page and the
template differ. Names in angle brackets are resources of the stack, by the ids of their constructs. What is not listed
is not allowed. What a setting adds comes after that. `prod` has the same permissions, without the function `emptying`.
[security.md](security.md) has the reasons.
"""
