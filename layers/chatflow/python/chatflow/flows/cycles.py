"""Detects cycles in which flows would run, or send messages, without ever waiting for the customer."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.fields import ToFlow
from chatflow.flows.graph import Graph
from chatflow.flows.node_types import types_that_ask
from chatflow.flows.problems import Problem
from chatflow.flows.variables import Place

_MOST = 100  # cycles of one check; nobody reads on, and each takes a search


def cycle_problems(graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    """One problem for each cycle, reported at its first node. `graphs` are keyed by file."""
    for cycle in cycles(_immediate_successors(graphs)):
        (file, node), names = _in_words(cycle, graphs)
        message = (
            f"This runs in a circle without waiting for the customer: {names}. Put a node that waits "
            f"({', '.join(types_that_ask())}) into it, or lead one of its exits elsewhere."
        )
        yield graphs[file].flow.problem(("nodes", node), message)


def endless_repetitions(graphs: Mapping[str, Graph]) -> Iterator[Problem]:
    """One warning for each cycle that sends messages again and again, and waits for nothing but a time in between.

    A cycle that sends nothing, such as one that asks an API every minute, is no matter of the customer's.
    """
    for cycle in cycles(_immediate_successors(graphs, through_time=True)):
        behaviours = [graphs[file].behaviour(node) for file, node in cycle]
        sends = any(UNDELIVERED in each.exits and not each.for_time for each in behaviours)
        if sends and any(each.for_time for each in behaviours):
            (file, node), names = _in_words(cycle, graphs)
            message = (
                f"This sends its messages again and again, and never waits for the customer: {names}. Put a node that "
                "asks into it, or lead one of its exits elsewhere."
            )
            yield graphs[file].flow.problem(("nodes", node), message)


def _in_words(cycle: list[Place], graphs: Mapping[str, Graph]) -> tuple[Place, str]:
    """The first node of a cycle, and the names of all of its nodes in order."""
    order = {(file, node): number for file, graph in graphs.items() for number, node in enumerate(graph.flow.nodes)}
    begin = cycle.index(min(cycle, key=lambda place: (place[0], order[place])))
    ordered = [*cycle[begin:], *cycle[:begin]]
    several = len({each for each, _ in ordered}) > 1
    names = [f"{graphs[each].flow.name}/{name}" if several else name for each, name in (*ordered, ordered[0])]
    return ordered[0], " > ".join(names)


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


def immediate_flows(graph: Graph) -> set[str]:
    """The flows that a session which begins this one may enter without ever waiting for the customer."""
    steps = _immediate_successors({"": graph}, through_time=True)
    seen: set[Place] = set()
    ahead: list[Place] = [("", graph.start)]
    while ahead:
        place = ahead.pop()
        if place not in seen:
            seen.add(place)
            ahead += steps.get(place, ())
    entered = [(node, graph.behaviour(node)) for file, node in seen if (file, node) in steps]
    return {
        target.flow
        for node, behaviour in entered
        for exit, target in graph.targets[node].items()
        if isinstance(target, ToFlow) and (not behaviour.waits or exit == behaviour.on_timeout)
    }


def _immediate_successors(graphs: Mapping[str, Graph], *, through_time: bool = False) -> dict[Place, list[Place]]:
    """For each node that does not wait: the nodes that the same turn enters next.

    A time to wait for may have passed already, unless the wait has a least length: then it is no wait. With
    `through_time`, no wait for a time alone is one.
    """
    files = {graph.flow.name: file for file, graph in reversed(list(graphs.items()))}
    steps: dict[Place, list[Place]] = {}
    for file, graph in graphs.items():
        for node, behaviour in graph.behaviours.items():
            if not behaviour.waits:
                targets = list(graph.targets[node].values())
            elif behaviour.for_time and (through_time or not behaviour.least_wait):
                targets = [graph.target(node, behaviour.on_timeout)]
            else:
                continue
            inside = [(file, each) for each in graph.inside(targets)]
            starts = [
                (files[each.flow], graphs[files[each.flow]].start)
                for each in targets
                if isinstance(each, ToFlow) and each.flow in files
            ]
            steps[file, node] = list(dict.fromkeys([*inside, *starts]))
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
