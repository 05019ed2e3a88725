"""The flow around a node, as the node's own check sees it, and the channels of each flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatflow.flows import variables
from chatflow.flows.fields import Target
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import Behaviour, Resources
from chatflow.flows.routes import Routes
from chatflow.flows.variables import Held
from chatflow.media.profiles import Profile


@dataclass(frozen=True)
class FlowView:
    """Implements `chatflow.flows.node_config.View` for one flow."""

    graph: Graph
    held: Mapping[str, Held]  # by node
    profiles: Mapping[str, Profile]
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)  # (node, variable) that nothing sets there

    @property
    def resources(self) -> Resources:
        return self.graph.resources

    def behaviour(self, node: str) -> Behaviour:
        return self.graph.behaviour(node)

    def target(self, node: str, exit: str) -> Target:
        return self.graph.target(node, exit)

    def holds(self, node: str, variable: str) -> frozenset[str]:
        found = variables.holds(self.held[node], variable)
        if not found:
            self.missing[node, variable] += 1
        return found


def channels_of(
    graphs: Mapping[str, Graph], routes: Routes | None, profiles: Mapping[str, Profile]
) -> dict[str, dict[str, Profile]]:
    """For each flow (by file): the channels on which it may run, with their media profiles.

    A flow whose routes all name a channel runs on those channels only; so does a flow that only such flows lead to.
    Every other flow may run on every channel. A channel that does not exist may be any: its name is a problem already.
    """
    started: dict[str, set[str]] = {}
    ahead = (
        [(route.flow, {route.channel} if route.channel in profiles else set(profiles)) for route in routes.routes]
        if routes
        else []
    )
    by_name = {graph.flow.name: graph for graph in graphs.values()}
    while ahead:
        name, channels = ahead.pop()
        known = started.get(name)
        if name not in by_name or (known is not None and channels <= known):
            continue
        started[name] = (known or set()) | channels
        graph = by_name[name]
        ahead += [(flow, started[name]) for node in graph.flow.nodes for flow in graph.flows_after(node)]
    return {
        file: {name: profiles[name] for name in sorted(started.get(graph.flow.name, set(profiles))) if name in profiles}
        for file, graph in graphs.items()
    }
