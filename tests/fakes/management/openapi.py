"""Checks requests and replies against docs/openapi.json: paths, parameters and bodies."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"
_JSON = "application/json"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def operation(method: str, template: str) -> dict[str, Any] | None:
    """The documented operation. Names of path parameters may differ from those of the document."""
    bare = re.sub(r"\{\w+\}", "{}", template)
    for path, methods in document()["paths"].items():
        if re.sub(r"\{\w+\}", "{}", path) == bare and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    return None


def departures(
    operation: dict[str, Any], *, params: set[str], headers: set[str], body: Any, is_json: bool
) -> list[str]:
    """Everything in a request that is not documented or not valid."""
    documented = {each["name"].lower(): each for each in operation.get("parameters", ())}
    found = [f"parameter {name}" for name in params if name not in documented]
    found += [
        f"header {name}"
        for name in headers & {"if-match", "if-none-match", "idempotency-key"}
        if name not in documented and name != "idempotency-key"
    ]
    if is_json and body is not None and (schema := _json_schema(operation.get("requestBody"))):
        found += _wrong(schema, body)
    return found


def reply_departures(operation: dict[str, Any], status: int, body: Any) -> list[str]:
    """Everything in a reply that is not documented or not valid."""
    answer = operation["responses"].get(str(status))
    if answer is None:
        return [f"status {status}"]
    schema = _json_schema(answer)
    return _wrong(schema, body) if schema and body is not None else []


def _json_schema(holder: dict[str, Any] | None) -> dict[str, Any] | None:
    content = (holder or {}).get("content", {})
    schema: dict[str, Any] | None = content.get(_JSON, content.get("application/problem+json", {})).get("schema")
    return schema


def _wrong(schema: dict[str, Any], body: Any) -> list[str]:
    whole = {**schema, "components": document()["components"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(body)]
