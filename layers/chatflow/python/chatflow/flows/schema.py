"""Generates the JSON Schemas of the public formats: `python -m chatflow.flows.schema docs/schema`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chatflow.flows.fields import IDENTIFIER
from chatflow.flows.flow import FlowFields
from chatflow.flows.integrations import Integration
from chatflow.flows.node_types import node_types
from chatflow.flows.routes import Routes

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by file name."""
    return {
        "flow.json": _flow(),
        "integration.json": {"$schema": DIALECT, **Integration.model_json_schema(by_alias=True)},
        "routes.json": {"$schema": DIALECT, **Routes.model_json_schema(by_alias=True)},
    }


def as_text(schema: dict[str, Any]) -> str:
    """The file content of a schema."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _flow() -> dict[str, Any]:
    """The flow schema. Each node gets the fields of its type, so that editors offer the right ones."""
    schema = {"$schema": DIALECT, **FlowFields.model_json_schema(by_alias=True)}
    kinds = node_types().values()
    references, definitions = TypeAdapter.json_schemas(
        [(kind.name, "validation", kind.adapter) for kind in kinds], by_alias=True
    )
    by_type = [
        {
            "if": {"properties": {"type": {"const": kind.name}}, "required": ["type"]},
            "then": references[kind.name, "validation"],
        }
        for kind in kinds
    ]
    names = [kind.name for kind in kinds]
    node = {"type": "object", "required": ["type"], "properties": {"type": {"enum": names}}, "allOf": by_type}
    schema["$defs"] |= {**definitions["$defs"], "Node": node}
    schema["properties"]["nodes"] |= {
        "patternProperties": {IDENTIFIER: {"$ref": "#/$defs/Node"}},
        "additionalProperties": False,
    }
    return schema


def main(arguments: list[str]) -> None:
    """Write every schema into a folder."""
    for name, schema in schemas().items():
        (Path(arguments[0]) / name).write_text(as_text(schema))


if __name__ == "__main__":
    main(sys.argv[1:])
