"""Detects cycles in which flows would run without ever waiting for the customer."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise

from chatflow.flows.graph import Graph
from chatflow.flows.problems import Problem
from chatflow.flows.variables import Place

_MOST = 100  # cycles of one check; nobody reads on, and each takes a search


def cycle_problems(graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    """One problem for each cycle, reported at its first node. `graphs` are keyed by file."""
    order = {(file, node): number for file, graph in graphs.items() for number, node in enumerate(graph.flow.nodes)}
    for cycle in cycles(_immediate_successors(graphs)):
        begin = cycle.index(min(cycle, key=lambda place: (place[0], order[place])))
        ordered = [*cycle[begin:], *cycle[:begin]]
        file, node = ordered[0]
        several = len({each for each, _ in ordered}) > 1
        names = [f"{graphs[each].flow.name}/{name}" if several else name for each, name in (*ordered, ordered[0])]
        message = (
            f"This runs in a circle without waiting for the customer: {' > '.join(names)}. Put a node that waits "
            "(input, menu, inbound media) into it, or lead one of its exits elsewhere."
        )
        yield graphs[file].flow.problem(("nodes", node), message)


def cycles(successors: Mapping[Place, Collection[Place]]) -> Iterator[list[Place]]:
    """Cycles that together hold every step of every cycle, each the shortest one with some step; at most 100."""
    reported: set[tuple[Place, Place]] = set()
    component = _components(successors)
    found = 0
    for first, following in successors.items():
        for second in following:
            if component[first] == component[second] and (first, second) not in reported and found < _MOST:
                way = _shortest_way(second, first, successors)
                reported.update(pairwise([first, *way]))
                found += 1
                yield [first, *way[:-1]]


def _components(successors: Mapping[Place, Collection[Place]]) -> dict[Place, Place]:
    """For each place one that stands for all places from which there is a way to it and back (Kosaraju's algorithm)."""
    finished: list[Place] = []
    seen: set[Place] = set()
    for root in successors:
        stack = [] if root in seen else [(root, iter(successors[root]))]
        seen.add(root)
        while stack:
            place, ahead = stack[-1]
            unseen = next((each for each in ahead if each not in seen), None)
            if unseen is None:
                finished.append(place)
                stack.pop()
            else:
                seen.add(unseen)
                stack.append((unseen, iter(successors.get(unseen, ()))))
    predecessors: dict[Place, list[Place]] = {}
    for place, following in successors.items():
        for each in following:
            predecessors.setdefault(each, []).append(place)
    component: dict[Place, Place] = {}
    for root in reversed(finished):
        before = [root]
        while before:
            place = before.pop()
            if place not in component:
                component[place] = root
                before += predecessors.get(place, ())
    return component


def _immediate_successors(graphs: Mapping[str, Graph]) -> dict[Place, list[Place]]:
    """For each node that does not wait: the nodes that the same turn enters next."""
    files = {graph.flow.name: file for file, graph in reversed(list(graphs.items()))}
    steps: dict[Place, list[Place]] = {}
    for file, graph in graphs.items():
        for node, behaviour in graph.behaviours.items():
            if not behaviour.waits:
                starts = [(files[flow], graphs[files[flow]].start) for flow in graph.flows_after(node) if flow in files]
                steps[file, node] = list(dict.fromkeys([*((file, each) for each in graph.next(node)), *starts]))
    return steps


def _shortest_way(first: Place, last: Place, successors: Mapping[Place, Iterable[Place]]) -> list[Place]:
    """The places from the first to the last, both included. There is a way."""
    came_from: dict[Place, Place] = {first: first}
    queue = deque([first])
    while last not in came_from:
        place = queue.popleft()
        for following in successors.get(place, ()):
            if following not in came_from:
                came_from[following] = place
                queue.append(following)
    way = [last]
    while way[0] != first:
        way.insert(0, came_from[way[0]])
    return way
