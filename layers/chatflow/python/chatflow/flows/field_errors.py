"""Turns pydantic validation errors into messages for flow authors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from chatflow.flows.fields import PATTERNS
from chatflow.flows.model_types import fields_at
from chatflow.flows.problems import Path, listed, suggestion

TAG_ERRORS = ("union_tag_invalid", "union_tag_not_found")  # of a field that tells which kind a block is
_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a block of fields",
    "model_type": "a block of fields",
    "model_attributes_type": "a block of fields",
}


def explain_errors(error: ValidationError, data: Any, model: Any) -> list[tuple[Path, str]]:
    """Messages with their paths in `data`. `model` is the type that `data` failed to validate as."""
    found: list[tuple[Path, str]] = []
    wanted: dict[Path, list[str]] = {}  # a union reports one error for each of its members
    for path, detail in located(error, data):
        kind = detail["type"]
        if kind not in _KINDS:
            found.append((path, _words(kind, detail, path, fields_at(model, data, path[:-1]))))
            continue
        kinds = wanted.setdefault(path, [])
        if not kinds:
            found.append((path, ""))
        kinds.append(_KINDS[kind])
    return [(path, words or _of_wrong_kind(wanted[path], value_at(data, path))) for path, words in found]


def located(error: ValidationError, data: Any) -> Iterator[tuple[Path, ErrorDetails]]:
    """The errors with their paths in `data`."""
    for detail in error.errors(include_url=False):
        path = _path(detail["loc"], data, missing=detail["type"] == "missing")
        if detail["type"] in TAG_ERRORS:  # pydantic reports these at the block
            path = (*path, str(detail["ctx"]["discriminator"]).strip("'"))
        yield path, detail


def value_at(data: Any, path: Path) -> Any:
    """What stands at a path that exists."""
    for step in path:
        data = data[step]
    return data


def _path(location: tuple[int | str, ...], data: Any, *, missing: bool) -> Path:
    """The path in the document, without the names of union members that pydantic adds."""
    path: list[int | str] = []
    for step in location[:-1] if missing else location:
        if step in data if isinstance(data, dict) else isinstance(data, list) and isinstance(step, int):
            data = data[step]
            path.append(step)
    return (*path, *location[-1:]) if missing else tuple(path)


def _words(kind: str, detail: Mapping[str, Any], path: Path, fields: Mapping[str, FieldInfo]) -> str:
    limits: dict[str, Any] = detail.get("ctx", {})
    given = detail["input"] if kind != "union_tag_invalid" else limits["tag"]
    name = str(path[-1]) if path else ""
    match kind:
        case "missing":
            meaning = fields[name].description if name in fields else ""
            return " ".join(each for each in (f'"{name}" is missing.', meaning) if each)
        case "extra_forbidden":
            return f'There is no field "{name}" here.' + suggestion(name, fields, f"The fields are: {listed(fields)}.")
        case "literal_error" | "union_tag_invalid":
            expected = limits.get("expected", limits.get("expected_tags", ""))
            known = [each for each in re.findall(r"'([^']*)'", expected) if each]
            near = suggestion(given, known, " ").rstrip() if isinstance(given, str) else ""
            return f"{_shown(given)} is not taken. Write {_either([_shown(each) for each in known]) or expected}.{near}"
        case "union_tag_not_found":
            return f'"{name}" is missing: it says which kind this is.'
        case "string_pattern_mismatch":
            return f"{_shown(given)} cannot be used here. Write {PATTERNS.get(limits['pattern'], limits['pattern'])}."
    return _of_wrong_size(kind, limits, given) or str(detail["msg"]).removeprefix("Value error, ")


def _of_wrong_size(kind: str, limits: Mapping[str, Any], given: Any) -> str:
    match kind:
        case "greater_than_equal":
            return f"The smallest number here is {limits['ge']}."
        case "less_than_equal":
            return f"The largest number here is {limits['le']}."
        case "string_too_short":
            return "Write something here; it is empty."
        case "string_too_long":
            return f"This text is too long: at most {limits['max_length']} characters."
        case "too_short":
            return f"At least {limits['min_length']} must be here."
        case "too_long":
            return f"At most {limits['max_length']} may be here; there are {len(given)}."
    return ""


def _of_wrong_kind(kinds: list[str], given: Any) -> str:
    wanted = _either([each for each in dict.fromkeys(kinds) if each != "a whole number" or "a number" not in kinds])
    if given is None:
        return f"Write {wanted} here; nothing is written."
    if kinds == ["text"] and isinstance(given, bool | int | float):
        return f'This must be text. Put it in quotes: "{json.dumps(given)}".'
    without = " Write it without quotes." if isinstance(given, str) and "number" in wanted and given.isdigit() else ""
    return f"This must be {wanted}, not {_shown(given)}.{without}"


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), *words[-1:]] if len(words) > 1 else words)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a block of fields"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:56]}..."
