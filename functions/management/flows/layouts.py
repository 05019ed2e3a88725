"""Layouts of flows through the API: positions of the nodes that the draft or the live version has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatflow.errors import Overtaken
from chatflow.publishing.documents import document
from management.flows.layout_store import StoredLayout
from management.flows.models import Layout
from management.http.etags import edit_conflict
from management.http.problems import Problem

if TYPE_CHECKING:
    from management.dependencies import Dependencies


def load(dependencies: Dependencies, flow: str) -> StoredLayout:
    """The layout of a flow. Raises Problem (not-found)."""
    layout = dependencies.layouts.get(flow)
    if layout is None:
        raise Problem("not-found", f'the flow "{flow}" has no layout')
    return layout


def put(dependencies: Dependencies, flow: str, layout: Layout, revision: int | None) -> StoredLayout:
    """Replace this revision of the layout, or create it (None), without what is no node of the flow.

    Raises Problem (not-found, edit-conflict).
    """
    known = _nodes(dependencies, flow, set(layout.nodes))
    nodes = {name: {"x": each.x, "y": each.y} for name, each in layout.nodes.items() if name in known}
    try:
        return StoredLayout(nodes, dependencies.layouts.save(flow, nodes, seen=revision))
    except Overtaken:
        current = dependencies.layouts.get(flow)
        raise edit_conflict(current.revision if current else None) from None


def _nodes(dependencies: Dependencies, flow: str, wanted: set[str]) -> set[str]:
    """The nodes of the draft; with those of the live version if the draft lacks some. Raises Problem (not-found)."""
    draft = dependencies.drafts.get(flow)
    found = _nodes_of(flow, draft.text) if draft else set()
    if draft and wanted <= found:
        return found
    live = dependencies.published_index.live(f"flow/{flow}")
    if draft is None and live is None:
        raise Problem("not-found", f'there is no flow "{flow}"')
    source = dependencies.published_index.version(f"flow/{flow}", live.version) if live else None
    return found | (_nodes_of(flow, source[1]) if source else set())


def _nodes_of(flow: str, text: str) -> set[str]:
    data = document(f"flow/{flow}", text).data
    nodes = data.get("nodes") if isinstance(data, dict) else None
    return {name for name in nodes if isinstance(name, str)} if isinstance(nodes, dict) else set()
