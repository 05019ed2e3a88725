"""A flow in its published form: nodes, slices, and the hash that tells whether anything changed."""

from __future__ import annotations

import hashlib
from typing import Any

from chatflow.flows.fields import Target, ToFlow
from chatflow.flows.graph import Graph
from chatflow.flows.slices import compact, cut


def version_of(graph: Graph) -> dict[str, Any]:
    """The published version of a flow without problems; its number is 0 until it is published."""
    flow = graph.flow
    content = {
        "flow": flow.name,
        "title": flow.title,
        "start": flow.start,
        "session": {"timeout": flow.timeout, "on_timeout": flow.on_timeout or None},
        "retention_days": flow.retention_days,
        "slices": slices_of(graph),
    }
    return {**content, "version": 0, "hash": hashlib.sha256(compact(content).encode()).hexdigest()}


def slices_of(graph: Graph) -> dict[str, dict[str, Any]]:
    """The slices of a flow without problems."""
    return cut(_nodes(graph), graph.flow.start, graph.flow.on_timeout or None)


def _nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    nodes = {}
    for name, node in graph.flow.nodes.items():
        assert node.config is not None, "published only when nothing is wrong"  # noqa: S101
        behaviour = graph.behaviour(name)
        nodes[name] = {
            "type": node.config.type,
            "seconds": behaviour.seconds,
            "waits": behaviour.waits,
            "config": node.config.published(graph.library),
            "exits": {exit: _plain(target) for exit, target in graph.targets[name].items()},
        }
    return nodes


def _plain(target: Target) -> str | dict[str, str]:
    return {"flow": target.flow} if isinstance(target, ToFlow) else target
