"""A node type that keeps no promise, to show that the contract notices."""

from __future__ import annotations

from typing import Any

from chatflow.flows.node_config import Behaviour, NodeConfig, Resources


class Config(NodeConfig):
    def behaviour(self, node: str, resources: Resources) -> Behaviour:
        return Behaviour(exits=("done",), required=("gone",), optional=frozenset({"lost"}), waits=True, seconds=90)

    def compiled(self, resources: Resources) -> dict[str, Any]:
        return {"type": "bad_node", "tuple": (1, 2)}
