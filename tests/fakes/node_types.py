"""The node types of the product, read from their folders: no test lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chatflow.nodes.manifest import NodeManifest, read_manifests, task_types

FOLDER: Final = Path(__file__).parents[2] / "functions" / "nodes"
MANIFESTS: Final = {each.name: each for each in read_manifests(FOLDER)}
TASK_TYPES: Final = task_types(MANIFESTS.values())


def with_need(need: str) -> list[NodeManifest]:
    """The node types with this need in their manifest."""
    return [each for each in MANIFESTS.values() if need in each.needs]


def construct(node_type: NodeManifest) -> str:
    """The beginning of the logical ids of what the stack has for a node type."""
    return f"NodeTypes{''.join(word.capitalize() for word in node_type.name.split('_'))}"


def constructs_with_need(need: str) -> tuple[str, ...]:
    return tuple(construct(each) for each in with_need(need))
