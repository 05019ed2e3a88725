"""Reads a synthesized template, and spoils copies of it: a check that no spoiled copy turns red proves nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from infrastructure.review.template import Template, flags, listed, plain, readable

__all__ = ["Template", "flags", "listed", "plain", "readable"]

Check = Callable[[Template], None]
Spoil = Callable[[Template], None]
POLICY = "AWS::IAM::Policy"


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of this type, by logical id; at least one."""
    found = {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
    assert found, f"there is no {kind}"
    return found


def only(template: Template, kind: str, part: str = "") -> dict[str, Any]:
    """The properties of the one resource of this type whose logical id holds `part`."""
    found = [properties for name, properties in resources(template, kind).items() if part in name]
    assert len(found) == 1, f"{len(found)} resources of {kind} with {part} in their names"
    return found[0]


def queue(template: Template, name: str) -> dict[str, Any]:
    """The queue of this name in infrastructure/queues.py."""
    kind = "AWS::SQS::Queue"
    (found,) = [value for id, value in resources(template, kind).items() if id[: -len("12345678")] == f"Queues{name}"]
    return found


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role's policy, with the policy's logical id."""
    for name, properties in resources(template, POLICY).items():
        for statement in properties["PolicyDocument"]["Statement"]:
            yield name, statement


def granted(actions: Sequence[str], resource: str, *, part: str) -> Spoil:
    """Spoils a template: the policy whose logical id begins with `part` also allows this on the resource so named."""

    def spoil(template: Template) -> None:
        found = [id for id in template["Resources"] if id[:-8] == resource.strip("<>")]
        place: Any = {"Fn::GetAtt": [found[0], "Arn"]} if found else resource
        (policy,) = (each for name, each in resources(template, POLICY).items() if name.startswith(part))
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": place}
        policy["PolicyDocument"]["Statement"].append(statement)

    return spoil


def turns_red(check: Check, template: Template, spoil: Spoil) -> None:
    """The check holds for the template, and fails for a spoiled copy of it."""
    check(template)
    spoiled = copy.deepcopy(template)
    spoil(spoiled)
    assert spoiled != template, "the copy was not spoiled"
    with pytest.raises(AssertionError):
        check(spoiled)
