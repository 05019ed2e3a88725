"""Files are read by their tag: sending roles read only clean ones, storing roles also what they have just stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.node_types import constructs_with_need
from tests.infrastructure.template_checks import (
    Check,
    Mutation,
    Template,
    as_list,
    assert_detects,
    readable,
    statements,
)

READ = "s3:ExistingObjectTag/state"


def _node_type_statements(template: Template, action: str) -> list[tuple[str, dict[str, Any]]]:
    matching = [
        (policy, statement)
        for policy, statement in statements(template)
        if policy.startswith("NodeTypes") and action in as_list(statement["Action"])
    ]
    assert matching
    return matching


def files_are_read_by_their_tag(template: Template) -> None:
    stored = {(policy, readable(each["Resource"])) for policy, each in _node_type_statements(template, "s3:PutObject")}
    for policy, statement in _node_type_statements(template, "s3:GetObject"):
        tags = statement["Condition"]["StringEquals"][READ]
        assert set(as_list(tags)) <= {"new", "clean"}
        # A role that stores files may also read its own new ones, and no others.
        places = {(policy, readable(each)) for each in as_list(statement["Resource"])}
        assert places <= stored or tags == "clean"


def both_conditions_are_used(template: Template) -> None:
    read = {str(each["Condition"]["StringEquals"][READ]) for _, each in _node_type_statements(template, "s3:GetObject")}
    assert read == {"clean", "['new', 'clean']"}


def _condition(policy: str, action: str, condition: dict[str, Any]) -> Mutation:
    def mutate(template: Template) -> None:
        matching = [each for name, each in _node_type_statements(template, action) if name.startswith(policy)]
        matching[0]["Condition"] = condition

    return mutate


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (
            files_are_read_by_their_tag,
            _condition(
                constructs_with_need("media.read")[0], "s3:GetObject", {"StringEquals": {READ: ["clean", "unsafe"]}}
            ),
        ),
        (
            both_conditions_are_used,
            _condition(constructs_with_need("media.read")[0], "s3:GetObject", {"StringEquals": {READ: ["unsafe"]}}),
        ),
    ],
)
def test_a_file_is_read_by_its_tag(template: Template, check: Check, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)
