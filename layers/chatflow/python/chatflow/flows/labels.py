"""Checks that the labels in a node type's manifest are of what its config has: an editor shows each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from chatflow.flows.node_types import variants


def label_problems(
    model: Any, *, exits: Collection[str], variant_titles: Collection[str], fields: Collection[str]
) -> Iterator[str]:
    """Each label that is missing or of nothing, in the tables `[exits]`, `[variants]` and `[fields]`."""
    described = variants(model)
    declared = dict.fromkeys(exit.name for each in described for exit in each.model.declared_exits)
    yield from _differences("exits", exits, declared)
    yield from _differences("variants", variant_titles, [value for each in described for value in each.when.values()])
    known = sorted(_properties(TypeAdapter(model).json_schema(by_alias=True)))
    yield from (f"fields: {name} is unknown. Allowed are {', '.join(known)}." for name in fields if name not in known)


def _differences(table: str, labels: Collection[str], names: Collection[str]) -> Iterator[str]:
    yield from (f"{table}: the label of {name} is missing." for name in names if name not in labels)
    allowed = ", ".join(names) or "none"
    yield from (f"{table}: {label} is unknown. Allowed are {allowed}." for label in labels if label not in names)


def _properties(schema: Any) -> set[str]:
    """The names of all properties in a schema, its definitions included."""
    if isinstance(schema, list):
        return {name for each in schema for name in _properties(each)}
    if not isinstance(schema, Mapping):
        return set()
    own = schema.get("properties")
    named = {*own} if isinstance(own, Mapping) else set()
    return named.union(*(_properties(each) for each in schema.values()))
