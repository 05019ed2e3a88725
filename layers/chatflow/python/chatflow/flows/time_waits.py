"""Warns of waits for a time alone after which a flow cannot do what it says.

The channel may no longer take messages then, and files may be deleted.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from functools import cache

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.fields import Target, ToFlow, duration
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import Behaviour, is_of_files
from chatflow.flows.problems import Problem
from chatflow.flows.view import FlowView
from chatflow.media.retention import retention_step

_DAY = 86_400  # seconds


def time_wait_warnings(view: FlowView) -> Iterator[Problem]:
    """One warning for each wait that outlasts the window of a channel, or the files that the flow holds."""
    graph = view.graph
    silences = least_silences(graph)
    ages_of = cache(lambda variable: least_ages(graph, variable))

    def file_ages(node: str) -> Iterator[int]:
        for variable, kinds in view.held[node].items():
            if any(is_of_files(kind) for kind in kinds):
                yield ages_of(variable).get(node, 0)  # 0 where another flow stored the file

    for node, before in silences.items():
        behaviour = graph.behaviour(node)
        after = before + behaviour.least_wait
        if not behaviour.for_time or after == before:
            continue
        for channel in view.channels.values():
            if before < channel.window <= after and sends_at_once(graph, graph.target(node, behaviour.on_timeout)):
                yield graph.flow.problem(
                    ("nodes", node),
                    f"On {channel.title}, a business may write for {duration(channel.window)} after the customer's "
                    "last message. When this wait is over, that time is over too, unless the customer wrote meanwhile, "
                    "and what follows is not delivered. Wait for a shorter time, or lead the exit undelivered of what "
                    "follows to something else.",
                )
        kept = retention_step(graph.flow.retention_days)
        if any(age <= kept * _DAY < age + behaviour.least_wait for age in file_ages(node)):
            stored = f"retention_days, in steps: {kept}" if kept != graph.flow.retention_days else "retention_days"
            yield graph.flow.problem(
                ("nodes", node),
                f"The files of this flow are deleted after {kept} days ({stored}), before this wait is over. "
                "Upload them before it, or keep them longer.",
            )


def least_silences(graph: Graph) -> dict[str, int]:
    """For each node that can be reached: the least time (seconds) since the customer's last message on entering it.

    Only waits for a time alone count: how long the customer takes for an answer is not known.
    """

    def after(node: str, exit: str, silence: int) -> int:
        behaviour = graph.behaviour(node)
        silent = not behaviour.waits or (behaviour.for_time and exit in {behaviour.on_timeout, *behaviour.setbacks})
        return silence + _waited(behaviour, exit) if silent else 0  # the customer wrote, or was asked

    return _least_times(graph, [(0, entry) for entry in (graph.start, graph.on_timeout) if entry], after)


def least_ages(graph: Graph, variable: str) -> dict[str, int]:
    """For each node after one that sets this variable to a file: the least age (seconds) of the file on entering it."""

    def stores(node: str, exit: str) -> bool:
        return is_of_files(graph.behaviour(node).sets.get(exit, {}).get(variable, ""))

    def after(node: str, exit: str, age: int) -> int:
        return 0 if stores(node, exit) else age + _waited(graph.behaviour(node), exit)

    stored = [
        following
        for node in graph.flow.nodes
        for exit, target in graph.targets[node].items()
        if stores(node, exit)
        for following in graph.inside([target])
    ]
    return _least_times(graph, [(0, node) for node in stored], after)


def _waited(behaviour: Behaviour, exit: str) -> int:
    return behaviour.least_wait if behaviour.for_time and exit == behaviour.on_timeout else 0


def _least_times(graph: Graph, begin: list[tuple[int, str]], after: Callable[[str, str, int], int]) -> dict[str, int]:
    """The least time on entering each node that can be reached from `begin`.

    `after` says it for an exit of a node that was entered at a time. It may begin anew, so a node may be met again with
    less.
    """
    least: dict[str, int] = {}
    ahead = list(begin)
    heapq.heapify(ahead)
    while ahead:
        time, node = heapq.heappop(ahead)
        if time >= least.get(node, time + 1):
            continue
        least[node] = time
        behaviour, targets = graph.behaviour(node), graph.targets[node]
        for exit, target in targets.items():
            if target == targets.get(behaviour.follows.get(exit, "")):
                continue  # not written: it leads where the other exit leads
            for following in graph.inside([target]):
                heapq.heappush(ahead, (after(node, exit, time), following))
    return least


def sends_at_once(graph: Graph, first: Target) -> bool:
    """Whether the flow may send something from here on before the customer writes. Another flow probably does."""
    seen: set[str] = set()
    ahead = [first]
    while ahead:
        target = ahead.pop()
        if isinstance(target, ToFlow):
            return True
        if target in seen or not graph.inside([target]):
            continue
        seen.add(target)
        behaviour = graph.behaviour(target)
        if behaviour.for_time:  # what it says answers a message
            ahead.append(graph.target(target, behaviour.on_timeout))
        elif UNDELIVERED in behaviour.exits:  # the exit of every node that sends something
            return True
        else:
            ahead += graph.targets[target].values()
    return False
