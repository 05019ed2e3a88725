"""The flow around a node, as the node's own check sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatflow.flows import variables
from chatflow.flows.channels import Channels
from chatflow.flows.fields import Target
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import Behaviour, Resources
from chatflow.flows.variables import Held


@dataclass(frozen=True)
class FlowView:
    """Implements `chatflow.flows.node_config.View` for one flow."""

    graph: Graph
    held: Mapping[str, Held]  # by node
    channels: Channels
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)  # (node, variable) that nothing sets there
    asked: set[str] = field(default_factory=set)  # the variables that nodes asked for

    @property
    def resources(self) -> Resources:
        return self.graph.resources

    @property
    def retention_days(self) -> int:
        return self.graph.flow.retention_days

    def behaviour(self, node: str) -> Behaviour:
        return self.graph.behaviour(node)

    def target(self, node: str, exit: str) -> Target:
        return self.graph.target(node, exit)

    def holds(self, node: str, variable: str) -> frozenset[str]:
        self.asked.add(variable)
        found = variables.holds(self.held[node], variable)
        if not found:
            self.missing[node, variable] += 1
        return found
