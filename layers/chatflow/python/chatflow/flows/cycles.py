"""Circles in which a flow, or several flows together, would run without ever waiting for the customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chatflow.flows.graph import Graph
from chatflow.flows.problems import Problem
from chatflow.flows.variables import Place


def cycle_problems(graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    """One problem for each circle, at its first node."""
    ahead = _steps(graphs)
    for circle in cycles(ahead):
        file, node = circle[0]
        several = len({each for each, _ in circle}) > 1
        names = [f"{graphs[each].flow.name}/{name}" if several else name for each, name in (*circle, circle[0])]
        message = (
            f"This runs in a circle without waiting for the customer: {' > '.join(names)}. Put a node that waits "
            "(input, menu, inbound media) into it, or lead one of its exits elsewhere."
        )
        yield graphs[file].flow.problem(("nodes", node), message)


def cycles(ahead: Mapping[Place, Iterable[Place]]) -> Iterator[list[Place]]:
    """Each circle once, as the shortest way from its first node back to it."""
    told: set[Place] = set()
    for first in ahead:
        if first not in told and (circle := _way_back(first, ahead)):
            told.update(circle)
            yield circle


def _steps(graphs: Mapping[str, Graph]) -> dict[Place, list[Place]]:
    """From each node that does not wait, the nodes that a turn goes on to at once."""
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


def _way_back(first: Place, ahead: Mapping[Place, Iterable[Place]]) -> list[Place]:
    came_from: dict[Place, Place] = {}
    queue = [first]
    while queue:
        place = queue.pop(0)
        for following in ahead.get(place, ()):
            if following == first:
                way = [place]
                while way[0] != first:
                    way.insert(0, came_from[way[0]])
                return way
            if following not in came_from:
                came_from[following] = place
                queue.append(following)
    return []
