"""Who may do what, out of a template: one line for each role or guarded resource, actions, resource, condition.

Nothing is left out because it looks harmless: every document of a policy in the template is read, whatever its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infrastructure.review.template import Template, listed, of_kind, plain, readable, unhashed

# Where a resource keeps a policy about itself, and which property says whose it is.
_GUARDS = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::KMS::Key": ("KeyPolicy", ""),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId"),
    "AWS::Logs::ResourcePolicy": ("PolicyDocument", "PolicyName"),
}
_READ_ELSEWHERE = {"AWS::IAM::Policy", "AWS::IAM::Role"}


class Unread(ValueError):
    """A resource carries a policy that this module does not know how to read."""


@dataclass(frozen=True, order=True)
class Line:
    """One permission, or one refusal. `owner` is who has it; `place` what it is about."""

    section: str
    owner: str
    effect: str
    actions: tuple[str, ...]
    place: str
    condition: str = ""

    def __str__(self) -> str:
        when = f" when {self.condition}" if self.condition else ""
        return f"{self.effect} {', '.join(self.actions)} on {self.place}{when}"


ROLES = "What each role may do"
TRUST = "Who may take each role"
GUARDS = "What the resources themselves say"
CALLS = "Which service may call which function"
DOORS = "Which routes are open, and to whom"


def lines(template: Template) -> list[Line]:
    """Every permission of the template, sorted. Raises Unread for a policy on a resource that is not known here."""
    return sorted({*_roles(template), *_trust(template), *_guards(template), *_calls(template), *_doors(template)})


def document(template: Template, *, also: Template | None = None) -> str:
    """The page docs/permissions.md. `also` is the template with a key of one's own; only what it adds is shown."""
    found = lines(template)
    parts = [_HEAD, *_sections(found)]
    if also is not None:
        more = sorted(set(lines(also)) - set(found))
        parts += ["# With a key of one's own (`-c kms=true`), in addition\n", *_sections(more)]
    return "\n".join(parts).rstrip()


def _sections(found: list[Line]) -> Iterator[str]:
    for section in (ROLES, TRUST, GUARDS, CALLS, DOORS):
        of_section = [line for line in found if line.section == section]
        if not of_section:
            continue
        yield f"## {section}\n"
        for owner in sorted({line.owner for line in of_section}):
            yield f"**{owner}**"
            yield from (f"- {_marked(line)}" for line in of_section if line.owner == owner)
            yield ""


def _marked(line: Line) -> str:
    actions = ", ".join(f"`{action}`" for action in line.actions)
    when = f" when `{line.condition}`" if line.condition else ""
    return f"{line.effect} {actions} on `{line.place}`{when}"


def _roles(template: Template) -> Iterator[Line]:
    owners = _owners(template)
    for _, policy in of_kind(template, "AWS::IAM::Policy"):
        for role in policy["Roles"]:
            owner = owners.get(plain(role), readable(role))
            for statement in policy["PolicyDocument"]["Statement"]:
                yield from _lines(ROLES, owner, statement)
    for name, role in of_kind(template, "AWS::IAM::Role"):
        owner = owners[f"<{name}>"]
        for arn in role.get("ManagedPolicyArns", []):
            yield Line(ROLES, owner, "may", ("everything",), readable(arn))
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield from _lines(ROLES, owner, statement)


def _owners(template: Template) -> dict[str, str]:
    """What a person calls a role: its construct, and the function that acts with it."""
    owners = {f"<{name}>": unhashed(name).removesuffix("Role") for name, _ in of_kind(template, "AWS::IAM::Role")}
    for _, function in of_kind(template, "AWS::Lambda::Function"):
        role = f"<{plain(function['Role']).strip('<>').partition('.')[0]}>"
        name = str(function.get("FunctionName", "")).rpartition("Chatflow-")[2].partition("-")[2]
        owners[role] = f"{owners[role]} (function {name})"
    return owners


def _trust(template: Template) -> Iterator[Line]:
    owners = _owners(template)
    for name, role in of_kind(template, "AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            for principal in _principals(statement):
                owner = owners[f"<{name}>"]
                actions = tuple(listed(statement["Action"]))
                yield Line(TRUST, principal, _effect(statement), actions, owner, _condition(statement))


def _guards(template: Template) -> Iterator[Line]:
    for name, resource in sorted(template["Resources"].items()):
        properties = resource.get("Properties", {})
        if resource["Type"] not in _GUARDS:
            carried = [key for key in properties if key.endswith(("PolicyDocument", "KeyPolicy", "ResourcePolicy"))]
            if carried and resource["Type"] not in _READ_ELSEWHERE:
                raise Unread(f"{name} ({resource['Type']}) carries {', '.join(carried)}: add it to _GUARDS")
            continue
        key, whose = _GUARDS[resource["Type"]]
        owner = ", ".join(map(readable, listed(properties[whose]))) if whose else f"<{unhashed(name)}>"
        for statement in properties[key]["Statement"]:
            for principal in _principals(statement):
                for line in _lines(GUARDS, owner, statement):
                    effect = f"{principal} {line.effect}"
                    yield Line(GUARDS, owner, effect, line.actions, line.place, line.condition)


def _calls(template: Template) -> Iterator[Line]:
    for _, permission in of_kind(template, "AWS::Lambda::Permission"):
        source = readable(permission.get("SourceArn", "anything"))
        account = f", account {readable(permission['SourceAccount'])}" if "SourceAccount" in permission else ""
        yield Line(
            CALLS,
            str(permission["Principal"]),
            "may",
            (permission["Action"],),
            readable(permission["FunctionName"]),
            f"from {source}{account}",
        )
    for _, trigger in of_kind(template, "AWS::Lambda::EventSourceMapping"):
        source, function = readable(trigger["EventSourceArn"]), readable(trigger["FunctionName"])
        yield Line(CALLS, "lambda (a trigger, with the function's own role)", "reads", (source,), function)


def _doors(template: Template) -> Iterator[Line]:
    """Open routes one by one; of the others, whose roles stand in docs/openapi.json, only that a token is needed."""
    for _, route in of_kind(template, "AWS::ApiGatewayV2::Route"):
        kind, key = route.get("AuthorizationType", "NONE"), route["RouteKey"]
        if kind == "NONE":
            owner = "anybody (the function verifies the channel's signature)"
        else:
            owner = f"who has a {kind} token (the function asks for the role)"
            key = re.sub(r"(?<= /api/v1/).+", "...", key)
        yield Line(DOORS, owner, "may call", (key,), "the HTTP API")


def _lines(section: str, owner: str, statement: dict[str, Any]) -> Iterator[Line]:
    """One for each resource. `NotAction` and `NotResource` stay in sight: they say more than they seem to."""
    actions = tuple(sorted(listed(statement.get("Action", []))))
    actions += tuple(f"everything but {each}" for each in listed(statement.get("NotAction", [])))
    places = [readable(each) for each in listed(statement.get("Resource", []))]
    places += [f"everything but {readable(each)}" for each in listed(statement.get("NotResource", []))]
    for place in places or ["itself"]:
        yield Line(section, owner, _effect(statement), actions, place, _condition(statement))


def _effect(statement: dict[str, Any]) -> str:
    return "may" if statement["Effect"] == "Allow" else "may not"


def _principals(statement: dict[str, Any]) -> list[str]:
    principal = statement["Principal"]
    if isinstance(principal, str):
        return ["anybody" if principal == "*" else principal]
    found = [readable(each) for value in principal.values() for each in listed(value)]
    return ["anybody" if each == "*" else each for each in found]


def _condition(statement: dict[str, Any]) -> str:
    """`StringEquals s3:ExistingObjectTag/state = clean`, several joined by `and`."""
    tests = [
        f"{operator} {key} = {' | '.join(readable(each) for each in listed(value))}"
        for operator, tested in sorted(statement.get("Condition", {}).items())
        for key, value in sorted(tested.items())
    ]
    return " and ".join(tests)


_HEAD = """# Who may do what

Made from the synthesized template of the stage `dev` by `make permissions`; a test fails when this page and the
template differ. Names in angle brackets are resources of the stack, as the code calls them. What is not here is not
allowed. `prod` is the same without the function `emptying`. [security.md](security.md) says what was thought about it.
"""
