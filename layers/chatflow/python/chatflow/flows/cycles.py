"""Detects cycles in which flows would run without ever waiting for the customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chatflow.flows.graph import Graph
from chatflow.flows.problems import Problem
from chatflow.flows.variables import Place


def cycle_problems(graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    """One problem for each cycle, reported at its first node. `graphs` are keyed by file."""
    successors = _immediate_successors(graphs)
    for cycle in cycles(successors):
        file, node = cycle[0]
        several = len({each for each, _ in cycle}) > 1
        names = [f"{graphs[each].flow.name}/{name}" if several else name for each, name in (*cycle, cycle[0])]
        message = (
            f"This runs in a circle without waiting for the customer: {' > '.join(names)}. Put a node that waits "
            "(input, menu, inbound media) into it, or lead one of its exits elsewhere."
        )
        yield graphs[file].flow.problem(("nodes", node), message)


def cycles(successors: Mapping[Place, Iterable[Place]]) -> Iterator[list[Place]]:
    """Each cycle once, as the shortest path from its first node back to it."""
    reported: set[Place] = set()
    for first in successors:
        if first not in reported and (cycle := _shortest_cycle(first, successors)):
            reported.update(cycle)
            yield cycle


def _immediate_successors(graphs: Mapping[str, Graph]) -> dict[Place, list[Place]]:
    """For each reachable node that does not wait: the nodes that the same turn enters next."""
    files = {graph.flow.name: file for file, graph in reversed(list(graphs.items()))}
    steps: dict[Place, list[Place]] = {}
    for file, graph in graphs.items():
        for node, behaviour in graph.behaviours.items():
            if not behaviour.waits and node in graph.reachable:
                starts = [
                    (files[flow], graphs[files[flow]].flow.start) for flow in graph.flows_after(node) if flow in files
                ]
                steps[file, node] = [*((file, each) for each in graph.next(node)), *starts]
    return steps


def _shortest_cycle(first: Place, successors: Mapping[Place, Iterable[Place]]) -> list[Place]:
    came_from: dict[Place, Place] = {}
    queue = [first]
    while queue:
        place = queue.pop(0)
        for following in successors.get(place, ()):
            if following == first:
                path = [place]
                while path[0] != first:
                    path.insert(0, came_from[path[0]])
                return path
            if following not in came_from:
                came_from[following] = place
                queue.append(following)
    return []
