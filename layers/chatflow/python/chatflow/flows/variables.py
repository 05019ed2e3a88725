"""Data-flow analysis: which variables may be set, and what they may hold, when each node is entered.

A flow that continues with another keeps its variables, so all flows are analysed together. A variable that no path sets
is a problem; one that only some paths set is accepted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from chatflow.flows.fields import Target, ToFlow
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import COPY, UNKNOWN, VALUE

FAILURE = "failure"  # set by the turn itself when a node's variables grow past their limit
Held = dict[str, frozenset[str]]  # variable: what it may hold
Place = tuple[str, str]  # the flow's file, the node


def possible_variables(graphs: Mapping[str, Graph]) -> dict[Place, Held]:
    """For every node: what each variable may hold on entry. `graphs` are keyed by file.

    A node that nothing leads to may hold whatever its flow sets: how it is to be reached is not known.
    """
    files = {graph.flow.name: file for file, graph in reversed(list(graphs.items()))}
    held: dict[Place, Held] = {}
    ahead: deque[Place] = deque()

    def arrive(file: str, node: str, variables: Held) -> None:
        if node not in graphs[file].flow.nodes:
            return
        before = held.get((file, node))
        after = _joined(before or {}, variables)
        if after != before:
            held[file, node] = after
            ahead.append((file, node))

    def follow() -> None:
        while ahead:
            file, node = ahead.popleft()
            for target, variables in _ways_on(graphs[file], node, held[file, node]):
                if not isinstance(target, ToFlow):
                    arrive(file, target, variables)
                elif target.flow in files:
                    arrive(files[target.flow], graphs[files[target.flow]].start, variables)

    for file, graph in graphs.items():
        arrive(file, graph.start, {given: frozenset({VALUE}) for given in graph.flow.given})
    follow()
    for file, graph in graphs.items():
        anything = {name: frozenset({UNKNOWN}) for name in _set_anywhere(graph, held.get((file, graph.start), {}))}
        for node in graph.flow.nodes:
            if (file, node) not in held:
                arrive(file, node, anything)
                follow()
    return held


def _set_anywhere(graph: Graph, at_start: Held) -> set[str]:
    """The variables that any node of a flow sets, and those that it starts with."""
    set_by_nodes = {name for each in graph.behaviours.values() for sets in each.sets.values() for name in sets}
    return {FAILURE, *at_start, *set_by_nodes}


def _ways_on(graph: Graph, node: str, held: Held) -> Iterator[tuple[Target, Held]]:
    behaviour = graph.behaviour(node)
    by_any_exit = {name: kind for sets in behaviour.sets.values() for name, kind in sets.items()}
    for exit, target in graph.possible_targets(node):
        # An exit that is mistyped may be any of those that there are.
        sets = dict(behaviour.sets.get(exit, {}) if exit in behaviour.exits else by_any_exit)
        if exit in behaviour.setbacks:
            sets.setdefault(FAILURE, VALUE)
        yield target, {**held, **{name: _kinds(kind, held) for name, kind in sets.items()}}
    if behaviour.waits and graph.on_timeout:
        yield graph.on_timeout, held


def _kinds(kind: str, held: Held) -> frozenset[str]:
    if kind.startswith(COPY):
        return held.get(kind.removeprefix(COPY), frozenset({VALUE}))
    return frozenset({kind})


def _joined(one: Held, other: Held) -> Held:
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in {**one, **other}}


def holds(held: Held, variable: str) -> frozenset[str]:
    """What a variable may hold. Variables whose names only the business's API knows count too."""
    return held.get(variable, frozenset()) | held.get(UNKNOWN, frozenset())
