"""Discovers node types: each folder of the package `nodes` that has a `config.py`.

The package is looked up on Python's path at the first call, so that adding a folder is all that a new type takes.
"""

from __future__ import annotations

import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from pydantic import TypeAdapter

from chatflow.flows.node_config import NodeConfig

PACKAGE = "nodes"


@dataclass(frozen=True)
class NodeType:
    """One node type. `model` is its `Config`: one class of fields, or a union of several."""

    name: str
    model: Any
    folder: Path

    @property
    def adapter(self) -> TypeAdapter[NodeConfig]:
        return TypeAdapter(self.model)


@dataclass(frozen=True)
class Variant:
    """One class of fields of a node type. A node is of this variant if its fields have the values of `when`."""

    model: type[NodeConfig]
    when: Mapping[str, str]


def variants(model: Any) -> list[Variant]:
    """The variants of a node type's `Config`. A type that is no union has one, without a condition."""
    if get_origin(model) is not Annotated:
        return [Variant(model, {})]
    union, field = get_args(model)
    key = field.discriminator
    return [Variant(each, {key: get_args(each.model_fields[key].annotation)[0]}) for each in get_args(union)]


@cache
def node_types() -> dict[str, NodeType]:
    """Every node type by name, sorted by name."""
    package = importlib.import_module(PACKAGE)
    found = {}
    for folder in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        module = f"{PACKAGE}.{folder.name}.config"
        if folder.ispkg and importlib.util.find_spec(module):
            config = importlib.import_module(module)
            found[folder.name] = NodeType(folder.name, config.Config, Path(str(config.__file__)).parent)
    return found


def types_that_ask() -> list[str]:
    """What authors may write where a flow must wait for the customer: the types that do, by name."""
    asking = []
    for name, node_type in node_types().items():
        for variant in variants(node_type.model):
            if variant.model.waits and not variant.model.for_time:
                asking.append(" ".join([*variant.when.values(), name]))
    return asking
