"""A file is read by its tag: who sends sees only what is clean, who keeps files also what it has just stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infrastructure.reading import Check, Spoil, Template, listed, readable, statements, turns_red

READ = "s3:ExistingObjectTag/state"


def _of_node_types(template: Template, action: str) -> list[tuple[str, dict[str, Any]]]:
    found = [
        (policy, statement)
        for policy, statement in statements(template)
        if policy.startswith("NodeTypes") and action in listed(statement["Action"])
    ]
    assert found
    return found


def files_are_read_by_their_tag(template: Template) -> None:
    kept = {(policy, readable(each["Resource"])) for policy, each in _of_node_types(template, "s3:PutObject")}
    for policy, statement in _of_node_types(template, "s3:GetObject"):
        tags = statement["Condition"]["StringEquals"][READ]
        assert set(listed(tags)) <= {"new", "clean"}
        # Who keeps files must look at what it has just stored, and nowhere else.
        places = {(policy, readable(each)) for each in listed(statement["Resource"])}
        assert places <= kept or tags == "clean"


def both_kinds_of_reading_are_there(template: Template) -> None:
    read = {str(each["Condition"]["StringEquals"][READ]) for _, each in _of_node_types(template, "s3:GetObject")}
    assert read == {"clean", "['new', 'clean']"}


def _condition(policy: str, action: str, condition: dict[str, Any]) -> Spoil:
    def spoil(template: Template) -> None:
        found = [each for name, each in _of_node_types(template, action) if name.startswith(policy)]
        found[0]["Condition"] = condition

    return spoil


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (
            files_are_read_by_their_tag,
            _condition("NodeTypesMedia", "s3:GetObject", {"StringEquals": {READ: ["clean", "unsafe"]}}),
        ),
        (
            both_kinds_of_reading_are_there,
            _condition("NodeTypesMedia", "s3:GetObject", {"StringEquals": {READ: ["unsafe"]}}),
        ),
    ],
)
def test_a_file_is_read_by_its_tag(template: Template, check: Check, spoil: Spoil) -> None:
    turns_red(check, template, spoil)
