"""A flow as a graph: exit targets and reachability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from chatflow.flows.fields import END, Target, ToFlow
from chatflow.flows.flow import Flow, Node
from chatflow.flows.node_config import UNKNOWN, Behaviour, Resources
from chatflow.flows.problems import nearest
from chatflow.flows.template_references import texts

NOWHERE = ""  # the target of a required exit that is not written
_UNKNOWN_BEHAVIOUR = Behaviour(exits=(), waits=True, unknown=True)


@dataclass(frozen=True)
class Graph:
    """The nodes of one flow with their behaviour. A node with invalid fields is linked to every node that it names."""

    flow: Flow
    resources: Resources

    @cached_property
    def behaviours(self) -> Mapping[str, Behaviour]:
        return {name: self._behaviour(node) for name, node in self.flow.nodes.items()}

    @cached_property
    def targets(self) -> Mapping[str, Mapping[str, Target]]:
        """The target of each exit of each node. When it is written twice, the first one counts."""
        return {name: self._targets(node, self.behaviours[name]) for name, node in self.flow.nodes.items()}

    def behaviour(self, node: str) -> Behaviour:
        return self.behaviours.get(node, _UNKNOWN_BEHAVIOUR)

    def target(self, node: str, exit: str) -> Target:
        return self.targets.get(node, {}).get(exit, NOWHERE)

    def next(self, node: str) -> list[str]:
        """The nodes of this flow that the exits of a node can lead to."""
        nodes = self.flow.nodes
        return [target for target in self._taken(node) if isinstance(target, str) and target in nodes and target != END]

    def flows_after(self, node: str) -> list[str]:
        """The other flows that the exits of a node can lead to."""
        return [target.flow for target in self._taken(node) if isinstance(target, ToFlow)]

    @property
    def entries(self) -> list[str]:
        """The nodes where a session can enter: the start and the timeout node."""
        return [name for name in (self.flow.start, self.flow.on_timeout) if name in self.flow.nodes]

    @cached_property
    def reachable(self) -> set[str]:
        """The nodes that a session can reach. A mistyped target counts as the node that was probably meant."""
        seen: set[str] = set()
        ahead = list(self.entries)
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += [*self.next(name), *self._intended(name)]
        return seen

    def _taken(self, node: str) -> list[Target]:
        never = self.behaviours[node].never
        return [target for exit, target in self.targets[node].items() if exit not in never]

    def _intended(self, name: str) -> Iterator[str]:
        """The nodes that written exits lead to, mistyped names resolved to the nearest node."""
        config = self.flow.nodes[name].config
        for _path, _exit, target in config.exit_targets(self.behaviours[name]) if config else ():
            if isinstance(target, str) and target != END:
                intended = target if target in self.flow.nodes else nearest(target, self.flow.nodes)
                yield from [intended] if intended else []

    def _behaviour(self, node: Node) -> Behaviour:
        if node.config is not None:
            return node.config.behaviour(node.name, self.resources)
        exits = tuple(dict.fromkeys(self._named_in(node)))
        return Behaviour(exits, waits=True, unknown=True, sets={exit: {UNKNOWN: UNKNOWN} for exit in exits})

    def _targets(self, node: Node, behaviour: Behaviour) -> dict[str, Target]:
        if node.config is None:
            return {exit: exit for exit in behaviour.exits}
        targets: dict[str, Target] = {exit: NOWHERE if exit in behaviour.required else END for exit in behaviour.exits}
        for _path, exit, target in reversed(list(node.config.exit_targets(behaviour))):
            if exit in targets:
                targets[exit] = target
        written = {exit for _path, exit, _target in node.config.exit_targets(behaviour)}
        for exit, other in behaviour.follows.items():
            if exit not in written:
                targets[exit] = targets[other]
        return targets

    def _named_in(self, node: Node) -> Iterator[str]:
        for _path, text in texts(node.raw):
            if text in self.flow.nodes:
                yield text
