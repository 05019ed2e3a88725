"""A node type that sends nothing, in a temporary folder: nothing of the product names it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nodes
from chatflow.flows.node_types import node_types
from tests.contract.nodes.clauses import NodeType, node_types_of

NOTE = Path(__file__).parent / "note"


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NodeType]:
    """The node type as Python finds it beside the others. It has one example."""
    folder = tmp_path / "functions" / "nodes"
    shutil.copytree(NOTE, folder / "note", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "__init__.py").touch()
    monkeypatch.setattr(nodes, "__path__", [*nodes.__path__, str(folder)])
    node_types.cache_clear()
    (found,) = node_types_of("note", folder)
    yield found
    node_types.cache_clear()
    for module in [name for name in sys.modules if name.startswith("nodes.note")]:
        del sys.modules[module]
    vars(nodes).pop("note", None)
