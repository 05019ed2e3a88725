"""Reads a synthesized template, and mutations copies of it: a check that no mutated copy turns red proves nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from infrastructure.review.template import Template, as_list, flags, of_type, plain, readable

__all__ = ["Template", "as_list", "flags", "of_type", "plain", "readable"]

Check = Callable[[Template], None]
Mutation = Callable[[Template], None]
POLICY = "AWS::IAM::Policy"


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of this type, by logical id; at least one."""
    matching = {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
    assert matching, f"there is no {kind}"
    return matching


def only(template: Template, kind: str, part: str = "") -> dict[str, Any]:
    """The properties of the one resource of this type whose logical id holds `part`."""
    matching = [properties for name, properties in resources(template, kind).items() if part in name]
    assert len(matching) == 1, f"{len(matching)} resources of {kind} with {part} in their names"
    return matching[0]


def queue(template: Template, name: str) -> dict[str, Any]:
    """The queue of this name in infrastructure/data/queues.py."""
    kind = "AWS::SQS::Queue"
    (queue,) = [value for id, value in resources(template, kind).items() if id[: -len("12345678")] == f"Queues{name}"]
    return queue


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role's policy, with the policy's logical id."""
    for name, properties in resources(template, POLICY).items():
        for statement in properties["PolicyDocument"]["Statement"]:
            yield name, statement


def granted(actions: Sequence[str], resource: str, *, part: str) -> Mutation:
    """Mutates a template: the policy whose logical id begins with `part` also allows this on the resource."""

    def mutate(template: Template) -> None:
        ids = [id for id in template["Resources"] if id[:-8] == resource.strip("<>")]
        arn: Any = {"Fn::GetAtt": [ids[0], "Arn"]} if ids else resource
        (policy,) = (each for name, each in resources(template, POLICY).items() if name.startswith(part))
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": arn}
        policy["PolicyDocument"]["Statement"].append(statement)

    return mutate


def assert_detects(check: Check, template: Template, mutate: Mutation) -> None:
    """The check holds for the template, and fails for a mutated copy of it."""
    check(template)
    mutated = copy.deepcopy(template)
    mutate(mutated)
    assert mutated != template, "the mutation changed nothing"
    with pytest.raises(AssertionError):
        check(mutated)
