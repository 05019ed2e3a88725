"""Data-flow analysis: which variables may be set, and what they may hold, when each node is entered.

A flow that continues with another keeps its variables, so all flows are analysed together. A variable that no path sets
is a problem; one that only some paths set is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chatflow.flows.fields import Target, ToFlow, VariableType
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import (
    BOOLEAN,
    COPY,
    FILES,
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    UNKNOWN,
    VALUE,
    list_size,
)
from chatflow.flows.repair import PLACEHOLDER

FAILURE = "failure"  # set by the turn itself when a node's variables grow past their limit
Held = Mapping[str, frozenset[str]]  # variable: what it may hold
Place = tuple[str, str]  # the flow's file, the node
_TYPES: Mapping[str, VariableType] = {
    TEXT: "text",
    NUMBER: "number",
    BOOLEAN: "boolean",
    LIST: "list",
    OBJECT: "object",
}
State = frozenset[tuple[str, str]]  # the same as pairs of a variable and one thing that it may hold


def possible_variables(
    graphs: Mapping[str, Graph], arriving: Mapping[str, State] = MappingProxyType({})
) -> dict[Place, Held]:
    """For every node: what each variable may hold on entry. `graphs` are keyed by file.

    `arriving` is what flows may begin with, by file, that other flows than these lead to. A node that nothing leads to
    may hold whatever its flow sets: how it is to be reached is not known.
    """
    states = _Analysis(graphs, arriving).states
    held = {place: _held(state) for place, state in states.items()}
    for file, graph in graphs.items():
        anything = {name: frozenset({UNKNOWN}) for name in _set_anywhere(graph, held.get((file, graph.start), {}))}
        held |= {(file, node): anything for node in graph.flow.nodes if (file, node) not in held}
    return held


def leaving_states(graph: Graph, begin: State) -> dict[str, State]:
    """What the variables of a flow that begins with these may hold on its ways to other flows, by their names."""
    return _Analysis({"": graph}, {"": begin}).leaving()


def holds(held: Held, variable: str) -> frozenset[str]:
    """What a variable may hold. Variables whose names only the business's API knows count too."""
    return held.get(variable, frozenset()) | held.get(UNKNOWN, frozenset())


@dataclass(frozen=True, order=True)
class Variable:
    """A variable that may be set. `type` is text, number, boolean, file, list or object, or any if that is not sure."""

    name: str
    type: VariableType


def named_variables(held: Held) -> list[Variable]:
    """The variables with a name that is known, by name."""
    return sorted(
        Variable(name, _type(kinds)) for name, kinds in held.items() if name != UNKNOWN and not PLACEHOLDER.search(name)
    )


def _type(kinds: frozenset[str]) -> VariableType:
    types = {_type_of(kind) for kind in kinds}
    return types.pop() if len(types) == 1 else "any"


def _type_of(kind: str) -> VariableType:
    if list_size(kind):
        return "list"
    return "file" if kind in FILES else _TYPES.get(kind, "any")


class _Analysis:
    """Follows every way from node to node, until no state grows any more."""

    def __init__(self, graphs: Mapping[str, Graph], arriving: Mapping[str, State]) -> None:
        self.states: dict[Place, State] = {}
        self._graphs = graphs
        self._files = {graph.flow.name: file for file, graph in reversed(list(graphs.items()))}
        self._ways: dict[Place, dict[tuple[tuple[str, str], ...], list[Place]]] = {}
        self._ahead: dict[Place, None] = {}  # a set that keeps its order
        for file, graph in graphs.items():
            self._arrive((file, graph.start), frozenset((given, VALUE) for given in graph.flow.given))
        for file, state in arriving.items():
            self._arrive((file, graphs[file].start), state)
        self._follow()

    def leaving(self) -> dict[str, State]:
        """What may be held on the ways to flows, by their names."""
        found: dict[str, State] = {}
        for (file, node), state in self.states.items():
            for target, sets in _exits(self._graphs[file], node):
                if isinstance(target, ToFlow):
                    found[target.flow] = found.get(target.flow, frozenset()) | _after(state, sets)
        return found

    def _arrive(self, place: Place, state: State) -> None:
        """Enter a node with these variables, besides those of other ways to it."""
        before = self.states.get(place)
        if place[1] in self._graphs[place[0]].flow.nodes and (before is None or not state <= before):
            self.states[place] = state | (before or frozenset())
            self._ahead[place] = None

    def _follow(self) -> None:
        while self._ahead:
            place = next(iter(self._ahead))
            del self._ahead[place]
            if place not in self._ways:
                self._ways[place] = self._ways_from(*place)
            for sets, targets in self._ways[place].items():
                state = _after(self.states[place], dict(sets))
                for target in targets:
                    self._arrive(target, state)

    def _ways_from(self, file: str, node: str) -> dict[tuple[tuple[str, str], ...], list[Place]]:
        """Where a node leads, by what is set on the way."""
        ways: dict[tuple[tuple[str, str], ...], list[Place]] = {}
        for target, sets in _exits(self._graphs[file], node):
            if not isinstance(target, ToFlow):
                ways.setdefault(tuple(sorted(sets.items())), []).append((file, target))
            elif target.flow in self._files:
                other = self._files[target.flow]
                ways.setdefault(tuple(sorted(sets.items())), []).append((other, self._graphs[other].start))
        return {sets: list(dict.fromkeys(targets)) for sets, targets in ways.items()}


def _exits(graph: Graph, node: str) -> Iterator[tuple[Target, Mapping[str, str]]]:
    """Each target of a node, and the variables that are set on the way to it."""
    behaviour = graph.behaviour(node)
    by_any_exit = {name: kind for sets in behaviour.sets.values() for name, kind in sets.items()}
    for exit, target in graph.possible_targets(node):
        # An exit that is mistyped may be any of those that there are.
        sets = behaviour.sets.get(exit, {}) if exit in behaviour.exits else by_any_exit
        yield target, {FAILURE: OBJECT, **sets} if exit in behaviour.setbacks else sets
    if behaviour.waits and graph.on_timeout:
        yield graph.on_timeout, {}


def _after(state: State, sets: Mapping[str, str]) -> State:
    """The variables after some of them were set."""
    kept = frozenset(pair for pair in state if pair[0] not in sets) if sets else state
    return kept.union((name, each) for name, kind in sets.items() for each in _kinds(kind, state))


def _kinds(kind: str, state: State) -> set[str]:
    if kind.startswith(COPY):
        return {each for name, each in state if name == kind.removeprefix(COPY)} or {VALUE}
    return {kind}


def _held(state: State) -> Held:
    held: dict[str, set[str]] = {}
    for name, kind in state:
        held.setdefault(name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in sorted(held.items())}


def _set_anywhere(graph: Graph, at_start: Held) -> set[str]:
    """The variables that any node of a flow sets, and those that it starts with."""
    set_by_nodes = {name for each in graph.behaviours.values() for sets in each.sets.values() for name in sets}
    return {FAILURE, *set_by_nodes, *at_start}
