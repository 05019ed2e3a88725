"""Which fields a pydantic model has at some place of a document, looking into lists, blocks and unions."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chatflow.flows.problems import Path


def fields_at(kind: Any, data: Any, path: Path) -> dict[str, FieldInfo]:
    """The fields that the block at this path may have, by the names that authors write."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        known = {info.alias or name: info for name, info in kind.model_fields.items()}
        if not path:
            return known
        step = str(path[0])
        return fields_at(known[step].annotation, data[step], path[1:]) if step in known else {}
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return fields_at(inside[0], data, path)
    if origin in (Union, UnionType):
        found: dict[str, FieldInfo] = {}
        for member in [each for each in inside if _fits(each, data)] or inside:
            found = {**fields_at(member, data, path), **found}
        return found
    if path and origin is list and isinstance(data, list):
        return fields_at(inside[0], data[int(path[0])], path[1:])
    if path and origin is dict and isinstance(data, dict):
        return fields_at(inside[1], data[str(path[0])], path[1:])
    return {}


def _fits(kind: Any, data: Any) -> bool:
    """Whether the words that tell a union's members apart allow this one."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(data, dict)):
        return False
    for name, info in kind.model_fields.items():
        if get_origin(info.annotation) is Literal and name in data and data[name] not in get_args(info.annotation):
            return False
    return True
