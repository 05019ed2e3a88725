"""A flow cut into slices: for each node where a turn can begin, everything that the turn may need.

A slice holds the nodes that can be reached up to and including the next ones that wait. A node that waits is entered
in the slice (its prompt is sent) and ends the turn, so what follows it belongs to its own slice; only the slice's own
first node may be left by its exits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from chatflow.flows.asset_files import FOLDER, Asset
from chatflow.flows.fields import Target, ToFlow
from chatflow.flows.graph import Graph
from chatflow.media.reference import MediaReference

LARGEST = 96 * 1024  # bytes of compact JSON: the state machine's own state ends at 256 KB, and variables need room

Published = Mapping[str, Mapping[str, Any]]  # the nodes of a flow in their published form


def cut(nodes: Published, start: str, on_timeout: str | None) -> dict[str, dict[str, Any]]:
    """The slices by the name of the node where the turn begins."""
    beginnings = [
        start,
        *([on_timeout] if on_timeout else []),
        *(name for name, node in nodes.items() if node["waits"]),
    ]
    return {name: slice_from(nodes, name) for name in dict.fromkeys(beginnings)}


def slice_from(nodes: Published, first: str) -> dict[str, Any]:
    """The slice of a turn that begins at this node."""
    needed: dict[str, Mapping[str, Any]] = {}
    ahead = [first]
    while ahead:
        name = ahead.pop(0)
        if name in needed:
            continue
        needed[name] = nodes[name]
        if name == first or not nodes[name]["waits"]:
            ahead += [target for target in nodes[name]["exits"].values() if isinstance(target, str) and target in nodes]
    return {"nodes": needed}


def size(part: Mapping[str, Any]) -> int:
    """Bytes of compact JSON."""
    return len(compact(part).encode())


def compact(value: Any) -> str:
    """JSON without blanks, its keys in order: the same text for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def compile_flow(graph: Graph) -> dict[str, Any]:
    """The published version of a flow without problems; its number is 0 until it is published."""
    flow = graph.flow
    content = {
        "flow": flow.name,
        "title": flow.title,
        "start": flow.start,
        "session": {"timeout": flow.timeout, "on_timeout": flow.on_timeout or None},
        "retention_days": flow.retention_days,
        "slices": compile_slices(graph),
    }
    return {**content, "version": 0, "hash": hashlib.sha256(compact(content).encode()).hexdigest()}


def compile_slices(graph: Graph) -> dict[str, dict[str, Any]]:
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
            "config": node.config.compiled(graph.resources),
            "exits": {exit: _plain(target) for exit, target in graph.targets[name].items()},
        }
    return nodes


def _plain(target: Target) -> str | dict[str, str]:
    return {"flow": target.flow} if isinstance(target, ToFlow) else target


def asset_reference(asset: Asset) -> dict[str, Any]:
    """The file as it stands in states and variables, and where it lies in the folder of flows."""
    mime = asset.format.mime if asset.format else ""
    reference = MediaReference(f"asset/{asset.sha256}", asset.sha256, asset.size, mime, asset.kind, asset.name)
    return {**reference.to_json(), "file": f"{FOLDER}/{asset.name}"}
