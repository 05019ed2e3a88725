"""A flow as a graph: where every exit leads, and what can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from chatflow.flows.fields import END, Target, ToFlow
from chatflow.flows.flow import Flow, Node
from chatflow.flows.node_config import UNKNOWN, Behaviour, Resources
from chatflow.flows.problems import nearest
from chatflow.flows.template_references import texts

NOWHERE = ""  # where an exit leads that should lead somewhere and was not written
_NOTHING_KNOWN = Behaviour(exits=(), waits=True, unknown=True)


@dataclass(frozen=True)
class Graph:
    """One flow's nodes with their behaviour. A node whose fields have problems leads to every node that it names."""

    flow: Flow
    resources: Resources

    @cached_property
    def behaviours(self) -> Mapping[str, Behaviour]:
        return {name: self._behaviour(node) for name, node in self.flow.nodes.items()}

    @cached_property
    def targets(self) -> Mapping[str, Mapping[str, Target]]:
        """Where each exit of each node leads; the first way that is written counts."""
        return {name: self._targets(node, self.behaviours[name]) for name, node in self.flow.nodes.items()}

    def behaviour(self, node: str) -> Behaviour:
        return self.behaviours.get(node, _NOTHING_KNOWN)

    def target(self, node: str, exit: str) -> Target:
        return self.targets.get(node, {}).get(exit, NOWHERE)

    def next(self, node: str) -> list[str]:
        """The nodes of this flow to which the exits of a node can lead."""
        nodes = self.flow.nodes
        return [target for target in self._taken(node) if isinstance(target, str) and target in nodes and target != END]

    def flows_after(self, node: str) -> list[str]:
        """The other flows with which a node can go on."""
        return [target.flow for target in self._taken(node) if isinstance(target, ToFlow)]

    @property
    def entries(self) -> list[str]:
        """The nodes where a session can come in."""
        return [name for name in (self.flow.start, self.flow.on_timeout) if name in self.flow.nodes]

    @cached_property
    def reachable(self) -> set[str]:
        """The nodes that a session can come to, also where an author only mistyped a name on the way."""
        seen: set[str] = set()
        ahead = list(self.entries)
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += [*self.next(name), *self._meant(name)]
        return seen

    def _taken(self, node: str) -> list[Target]:
        never = self.behaviours[node].never
        return [target for exit, target in self.targets[node].items() if exit not in never]

    def _meant(self, name: str) -> Iterator[str]:
        """The nodes to which exits lead that are not there, and those whose names were nearly written."""
        config = self.flow.nodes[name].config
        for _path, _exit, target in config.ways(self.behaviours[name]) if config else ():
            if isinstance(target, str) and target != END:
                meant = target if target in self.flow.nodes else nearest(target, self.flow.nodes)
                yield from [meant] if meant else []

    def _behaviour(self, node: Node) -> Behaviour:
        if node.config is not None:
            return node.config.behaviour(node.name, self.resources)
        exits = tuple(dict.fromkeys(self._named_in(node)))
        return Behaviour(exits, waits=True, unknown=True, sets={exit: {UNKNOWN: UNKNOWN} for exit in exits})

    def _targets(self, node: Node, behaviour: Behaviour) -> dict[str, Target]:
        if node.config is None:
            return {exit: exit for exit in behaviour.exits}
        targets: dict[str, Target] = {exit: NOWHERE if exit in behaviour.required else END for exit in behaviour.exits}
        for _path, exit, target in reversed(list(node.config.ways(behaviour))):
            if exit in targets:
                targets[exit] = target
        written = {exit for _path, exit, _target in node.config.ways(behaviour)}
        for exit, other in behaviour.follows.items():
            if exit not in written:
                targets[exit] = targets[other]
        return targets

    def _named_in(self, node: Node) -> Iterator[str]:
        for _path, text in texts(node.raw):
            if text in self.flow.nodes:
                yield text
