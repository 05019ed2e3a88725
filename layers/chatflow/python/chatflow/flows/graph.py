"""A flow as a graph: exit targets and reachability.

A mistyped name counts as what was probably meant: the mistake is reported where it is written, and hides nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from chatflow.flows.fields import END, Target, ToFlow
from chatflow.flows.flow import Flow, Node
from chatflow.flows.node_config import UNKNOWN, Behaviour, Resources
from chatflow.flows.problems import nearest
from chatflow.flows.template_references import texts

NO_EXIT = ""
NOWHERE = ""  # the target of a required exit that is not written
_UNKNOWN_BEHAVIOUR = Behaviour(exits=(), waits=True, unknown=True)


@dataclass(frozen=True)
class Graph:
    """The nodes of one flow with their behaviour. A node that cannot be read leads to every node that it names."""

    flow: Flow
    resources: Resources

    @cached_property
    def behaviours(self) -> Mapping[str, Behaviour]:
        return {name: self._behaviour(node) for name, node in self.flow.nodes.items()}

    @cached_property
    def targets(self) -> Mapping[str, Mapping[str, Target]]:
        """The target of each exit of each node. When it is written twice, the first one counts."""
        return {name: self._targets(node, self.behaviours[name]) for name, node in self.flow.nodes.items()}

    @cached_property
    def start(self) -> str:
        """The first node, as written or meant; else the first that no other leads to; "" without nodes."""
        written = self._meant(self.flow.start)
        if isinstance(written, str) and written in self.flow.nodes:
            return written
        led_to = {
            self.on_timeout,
            *(target for node in self.flow.nodes for target in self.next(node) if target != node),
        }
        first = next(iter(self.flow.nodes), "")
        return next((node for node in self.flow.nodes if node not in led_to), first)

    @cached_property
    def on_timeout(self) -> str:
        """The node to go to when the session times out, as written or meant; "" without one."""
        written = self._meant(self.flow.on_timeout) if self.flow.on_timeout else ""
        return written if isinstance(written, str) and written in self.flow.nodes else ""

    def behaviour(self, node: str) -> Behaviour:
        return self.behaviours.get(node, _UNKNOWN_BEHAVIOUR)

    def target(self, node: str, exit: str) -> Target:
        return self.targets.get(node, {}).get(exit, NOWHERE)

    def possible_targets(self, node: str) -> list[tuple[str, Target]]:
        """Each exit with its target; and each node that a broken field names, under no exit."""
        return [*self.targets[node].items(), *((NO_EXIT, named) for named in self.flow.nodes[node].named)]

    def next(self, node: str) -> list[str]:
        """The nodes of this flow that the exits of a node can lead to."""
        return self.inside(self.targets[node].values())

    def flows_after(self, node: str) -> list[str]:
        """The other flows that the exits of a node can lead to."""
        return [target.flow for target in self.targets[node].values() if isinstance(target, ToFlow)]

    @cached_property
    def reachable(self) -> set[str]:
        """The nodes that a session can reach."""
        return self._reached(filter(None, [self.start, self.on_timeout]))

    def _reached(self, entries: Iterable[str]) -> set[str]:
        seen: set[str] = set()
        ahead = list(entries)
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += self.inside(target for _exit, target in self.possible_targets(name))
        return seen

    def files_ahead(self, node: str) -> bool:
        """Whether a node that asks for a file, or another flow, may follow a node that asks for something else."""
        after = self._reached(self.next(node))
        asks_for_file = any(self.behaviour(name).waits and self.behaviour(name).handles_files for name in after)
        return asks_for_file or any(self.flows_after(name) for name in {node, *after})

    def inside(self, targets: Iterable[Target]) -> list[str]:
        """The nodes of this flow among these targets."""
        return [target for target in targets if isinstance(target, str) and target in self.flow.nodes and target != END]

    def _meant(self, target: Target) -> Target:
        if isinstance(target, ToFlow) or target == END or target in self.flow.nodes:
            return target
        return nearest(target, self.flow.nodes) or target

    def _behaviour(self, node: Node) -> Behaviour:
        if node.config is not None:
            return node.config.behaviour(node.name, self.resources)
        exits = tuple(dict.fromkeys(self._named_in(node)))
        return Behaviour(exits, waits=True, unknown=True, sets={exit: {UNKNOWN: UNKNOWN} for exit in exits})

    def _targets(self, node: Node, behaviour: Behaviour) -> dict[str, Target]:
        if node.config is None:
            return {exit: exit for exit in behaviour.exits}
        written: dict[str, Target] = {}
        for _path, exit, target in node.config.exit_targets(behaviour):
            written.setdefault(exit, self._meant(target))
        unwritten = [exit for exit in behaviour.exits if exit not in written]
        mistyped = {nearest(exit, unwritten): target for exit, target in written.items() if exit not in behaviour.exits}
        targets: dict[str, Target] = {
            exit: NOWHERE if exit in behaviour.required else END
            for exit in behaviour.exits
            if exit not in behaviour.optional
        }
        targets |= {exit: target for exit, target in mistyped.items() if exit} | written
        for exit, other in behaviour.follows.items():
            if exit not in written:
                targets[exit] = targets[other]
        return targets

    def _named_in(self, node: Node) -> Iterator[str]:
        for _path, text in texts(node.raw):
            if text in self.flow.nodes:
                yield text
