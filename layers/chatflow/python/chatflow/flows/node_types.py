"""Discovers node types: each folder of the package `nodes` that has a `config.py`.

The package is looked up on Python's path at the first call, so that adding a folder is all that a new type takes.
"""

from __future__ import annotations

import importlib.util
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from chatflow.flows.node_config import NodeConfig

PACKAGE = "nodes"


@dataclass(frozen=True)
class NodeType:
    """One node type. `model` is its `Config`: one class of fields, or a union of several."""

    name: str
    model: Any

    @property
    def adapter(self) -> TypeAdapter[NodeConfig]:
        return TypeAdapter(self.model)


@cache
def node_types() -> dict[str, NodeType]:
    """Every node type by name, sorted by name."""
    package = importlib.import_module(PACKAGE)
    found = {}
    for folder in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        module = f"{PACKAGE}.{folder.name}.config"
        if folder.ispkg and importlib.util.find_spec(module):
            found[folder.name] = NodeType(folder.name, importlib.import_module(module).Config)
    return found
