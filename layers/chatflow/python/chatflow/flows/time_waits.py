"""Warns of waits for a time alone after which a flow cannot do what it says.

The channel may no longer take messages then, and files may be deleted.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.fields import Target, ToFlow, duration
from chatflow.flows.graph import Graph
from chatflow.flows.node_config import is_of_files
from chatflow.flows.problems import Problem
from chatflow.flows.view import FlowView

_DAY = 86_400  # seconds


def time_wait_warnings(view: FlowView) -> Iterator[Problem]:
    """One warning for each wait that outlasts the window of a channel, or the files that the flow holds."""
    graph = view.graph
    silences = least_silences(graph)
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
        days = graph.flow.retention_days
        holds_files = any(is_of_files(kind) for kinds in view.held[node].values() for kind in kinds)
        if behaviour.least_wait > days * _DAY and holds_files:
            yield graph.flow.problem(
                ("nodes", node),
                f"The files of this flow are deleted after {days} days (retention_days), before this wait is over. "
                "Upload them before it, or keep them longer.",
            )


def least_silences(graph: Graph) -> dict[str, int]:
    """For each node that can be reached: the least time (seconds) since the customer's last message on entering it.

    Only waits for a time alone count: how long the customer takes for an answer is not known.
    """
    silences: dict[str, int] = {}
    ahead = [(0, entry) for entry in (graph.start, graph.on_timeout) if entry]
    while ahead:
        silence, node = heapq.heappop(ahead)
        if node in silences:
            continue
        silences[node] = silence
        behaviour = graph.behaviour(node)
        targets = graph.targets[node]
        for exit, target in targets.items():
            if target == targets.get(behaviour.follows.get(exit, "")):
                continue  # not written: it leads where the other exit leads
            if not behaviour.waits or (behaviour.for_time and exit in behaviour.setbacks):
                after = silence
            elif behaviour.for_time and exit == behaviour.on_timeout:
                after = silence + behaviour.least_wait
            else:
                after = 0  # the customer wrote, or was asked
            for following in graph.inside([target]):
                heapq.heappush(ahead, (after, following))
    return silences


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
