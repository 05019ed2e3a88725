"""The types of the fields of a pydantic model, by their paths in a document."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chatflow.flows.problems import Path


def fields_at(kind: Any, data: Any, path: Path) -> dict[str, FieldInfo]:
    """The fields allowed in the block at `path`, by alias. Follows lists, mappings and unions of the model `kind`."""
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


def type_at(kind: Any, data: Any, path: Path) -> Any:
    """The type of what stands at `path` in data of this type, with its constraints; None when it is unknown."""
    if not path:
        return kind
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        step = str(path[0])
        info = fields_at(kind, data, ()).get(step)
        inside = data.get(step) if isinstance(data, dict) else None
        return type_at(with_constraints(info), inside, path[1:]) if info else None
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return type_at(arguments[0], data, path)
    if origin in (Union, UnionType):
        members = [each for each in arguments if _fits(each, data)] or arguments
        return next(filter(None, (type_at(member, data, path) for member in members)), None)
    if origin is list and isinstance(data, list):
        return type_at(arguments[0], data[int(path[0])], path[1:])
    if origin is dict and isinstance(data, dict):
        return type_at(arguments[1], data.get(path[0]), path[1:])
    return None


def with_constraints(info: FieldInfo) -> Any:
    """The type of a field, as an annotation."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def _fits(kind: Any, data: Any) -> bool:
    """Whether the literal fields of a union member match the data."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(data, dict)):
        return False
    for name, info in kind.model_fields.items():
        if get_origin(info.annotation) is Literal and name in data and data[name] not in get_args(info.annotation):
            return False
    return True
