"""A node type that keeps no promise, to show that the contract notices."""

from __future__ import annotations

from typing import Any

from chatflow.flows.nodes import Behaviour, Library, NodeConfig


class Config(NodeConfig):
    def behaviour(self, node: str, library: Library) -> Behaviour:
        return Behaviour(exits=("done",), required=("gone",), waits=True, seconds=90)

    def published(self, library: Library) -> dict[str, Any]:
        return {"type": "bad_node", "tuple": (1, 2)}
