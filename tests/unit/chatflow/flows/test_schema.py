"""The JSON Schemas that stand in `docs/schema` are those of the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chatflow.flows.node_types import node_types
from chatflow.flows.schema import as_text, schemas

STORED = Path(__file__).parents[4] / "docs" / "schema"
FLOW = {"chatflow": 1, "flow": "a", "start": "b"}


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_stored_schema_has_not_drifted(name: str) -> None:
    assert (STORED / name).read_text() == as_text(schemas()[name]), "run: python -m chatflow.flows.schema docs/schema"


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in STORED.iterdir()} == set(schemas())


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_itself_valid(name: str) -> None:
    Draft202012Validator.check_schema(schemas()[name])


@pytest.mark.parametrize(
    ("node", "sound"),
    [
        ({"type": "text", "say": "Hi", "then": "end"}, True),
        ({"type": "text", "then": "end"}, False),
        ({"type": "media", "direction": "outbound", "source": {"asset": "a.pdf"}, "then": {"flow": "x"}}, True),
        ({"type": "media", "direction": "outbound", "prompt": "no"}, False),
        ({"type": "telepathy"}, False),
    ],
)
def test_the_flow_schema_knows_the_fields_of_each_node_type(node: dict[str, Any], sound: bool) -> None:
    validator = Draft202012Validator(json.loads((STORED / "flow.json").read_text()))
    assert validator.is_valid({**FLOW, "nodes": {"b": node}}) is sound


def test_every_field_of_every_node_type_says_what_it_is_for() -> None:
    definitions = schemas()["flow.json"]["$defs"]
    silent = [
        f"{name}.{field}"
        for name, definition in definitions.items()
        for field, schema in definition.get("properties", {}).items()
        if name != "Node" and field != "type" and not schema.get("description")
    ]
    assert silent == []
    assert len(definitions) > len(node_types())
