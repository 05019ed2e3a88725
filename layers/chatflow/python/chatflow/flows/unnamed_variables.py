"""Finds out what a variable is called whose name is missing, so that what nothing sets is still a problem."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from chatflow.flows.flow import Flow, read_node
from chatflow.flows.problems import nearest
from chatflow.flows.project import Project
from chatflow.flows.repair import PLACEHOLDER
from chatflow.flows.view import FlowView

Names = Mapping[str, str]  # by placeholder, without its last letter


def has_unnamed(views: Iterable[FlowView]) -> bool:
    """Whether some variable is called by a placeholder."""
    return any(PLACEHOLDER.search(name) for view in views for held in view.held.values() for name in held)


def probable_names(views: Iterable[FlowView]) -> Names:
    """The probable name of each variable that is called by a placeholder.

    It is one that nothing sets and that nodes behind ask for (`FlowView.missing`): the one that is asked for most
    often, then rather one that does not look like another variable mistyped, then the one that is asked for first.
    """
    asked: dict[str, Counter[str]] = {}
    known: set[str] = set()
    for view in views:
        known.update(name for held in view.held.values() for name in held)
        for (node, wanted), times in view.missing.items():
            for name in view.held[node]:
                found = PLACEHOLDER.search(name)
                if found and (called := _called(name, found[0], wanted)):
                    asked.setdefault(found[0][:-1], Counter())[called] += times
    return {stem: min(names, key=lambda name: (-names[name], _mistyped(name, known))) for stem, names in asked.items()}


def _mistyped(name: str, known: Iterable[str]) -> bool:
    return bool(nearest(name, [each for each in known if abs(len(each) - len(name)) <= 2]))


def with_names(project: Project, names: Names) -> Project:
    """The project with these names in place of their placeholders."""
    return replace(project, flows=tuple(_with_names(flow, names) for flow in project.flows)) if names else project


def _called(name: str, placeholder: str, wanted: str) -> str:
    """What the placeholder in a variable's name must stand for to make it the wanted one; empty if nothing does."""
    before, _, after = name.partition(placeholder)
    found = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", wanted)
    return found[1] if found else ""


def _with_names(flow: Flow, names: Names) -> Flow:
    nodes = dict(flow.nodes)
    for node in flow.nodes.values():
        written = json.dumps(node.raw)
        if node.config is not None and any(stem in written for stem in names):
            fields = json.loads(PLACEHOLDER.sub(lambda found: names.get(found[0][:-1], found[0]), written))
            nodes[node.name] = read_node(node.name, fields, fields, node.named)
    return replace(flow, nodes=nodes)
