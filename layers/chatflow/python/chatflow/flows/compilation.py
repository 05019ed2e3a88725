"""Compiles flows into the JSON that the state machine and the nodes read, cut into slices.

There is one slice for each node where a turn can begin: the start, the timeout node, the target of each exit
`undelivered`, and each node that waits. A slice holds the nodes that the turn can reach, up to and including the next
nodes that wait. Entering a waiting node (sending its prompt) mostly ends the turn, so the nodes after it belong to its
own slice. One that is left at once, because its question cannot be sent or its time has passed, goes on in that slice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from chatflow.conversation.late_files import GRACE_SECONDS
from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.asset_files import FOLDER, Asset
from chatflow.flows.fields import Target, ToFlow
from chatflow.flows.graph import Graph
from chatflow.media import object_keys
from chatflow.media.reference import MediaReference

LARGEST = 96 * 1024  # bytes of compact JSON: the state machine's own state ends at 256 KB, and variables need room

CompiledNodes = Mapping[str, Mapping[str, Any]]  # the compiled nodes of a flow


def cut(nodes: CompiledNodes, start: str, on_timeout: str | None) -> dict[str, dict[str, Any]]:
    """Cut compiled nodes into slices, keyed by the node where the turn begins."""
    beginnings = [
        start,
        *([on_timeout] if on_timeout else []),
        *(name for name, node in nodes.items() if node["waits"]),
        *(node[UNDELIVERED] for node in nodes.values() if isinstance(node.get(UNDELIVERED), str)),
    ]
    return {name: slice_from(nodes, name) for name in dict.fromkeys(beginnings) if name in nodes}


def slice_from(nodes: CompiledNodes, first: str) -> dict[str, Any]:
    """Build the slice of a turn that begins at node `first`."""
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
    """The size of a slice in bytes of compact JSON."""
    return len(compact(part).encode())


def compact(value: Any) -> str:
    """Canonical JSON: no whitespace, sorted keys, the same text for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def compile_flow(graph: Graph) -> dict[str, Any]:
    """Compile a flow without problems. `version` is 0 until it is published; `hash` identifies the content."""
    flow = graph.flow
    content = {
        "flow": flow.name,
        "title": flow.title,
        "start": flow.start,
        "session": {
            "timeout": flow.timeout,
            "on_timeout": flow.on_timeout or None,
            **({"grace": flow.grace} if flow.grace != GRACE_SECONDS else {}),
        },
        "retention_days": flow.retention_days,
        "slices": compile_slices(graph),
    }
    return {**content, "version": 0, "hash": hashlib.sha256(compact(content).encode()).hexdigest()}


def compile_slices(graph: Graph) -> dict[str, dict[str, Any]]:
    """Compile the slices of a flow without problems."""
    assert not any(_incomplete(graph, name) for name in graph.flow.nodes), "only flows without problems are compiled"  # noqa: S101
    return slices(graph)


def slices(graph: Graph) -> dict[str, dict[str, Any]]:
    """The slices of a flow, to measure them: a node of which something is not known stands in as it is written."""
    return cut(_nodes(graph), graph.start, graph.on_timeout or None) if graph.start else {}


def _nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    nodes = {}
    for name, node in graph.flow.nodes.items():
        behaviour = graph.behaviour(name)
        known = node.config if node.config is not None and not _incomplete(graph, name) else None
        targets = {exit: _plain(target) for exit, target in graph.targets[name].items()}
        # What happens after the visit is no exit of the visit: the conversation function takes it.
        later = {exit: targets.pop(exit) for exit in sorted(behaviour.optional & targets.keys())}
        nodes[name] = {
            "type": known.type if known else "",
            "seconds": behaviour.seconds,
            "waits": behaviour.waits,
            "config": known.compiled(graph.resources) if known else node.raw,
            "exits": targets,
            **later,
            **({"files_ahead": True} if behaviour.waits and graph.files_ahead(name) else {}),
        }
    return nodes


def _incomplete(graph: Graph, node: str) -> bool:
    """Whether something that a node is compiled from is missing."""
    behaviour, integrations = graph.behaviour(node), graph.resources.integrations
    missing = any(integrations.get(name) is None for name in behaviour.integrations)
    return graph.flow.nodes[node].config is None or behaviour.unknown or missing


def _plain(target: Target) -> str | dict[str, str]:
    return {"flow": target.flow} if isinstance(target, ToFlow) else target


def asset_reference(asset: Asset) -> dict[str, Any]:
    """The media reference of an asset, plus its path (`file`) in the folder of flows."""
    mime = asset.format.mime if asset.format else ""
    encoding = asset.format.encoding if asset.format else ""
    key = object_keys.asset(asset.sha256)
    reference = MediaReference(key, asset.sha256, asset.size, mime, asset.kind, asset.name, encoding=encoding)
    return {**reference.to_json(), "file": f"{FOLDER}/{asset.name}"}
