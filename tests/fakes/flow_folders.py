"""Folders of flows for tests: a small, sound set of documents, to which a test adds what it is about."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatflow.flows.compilation import asset_reference, compile_flow
from chatflow.flows.graph import Graph
from chatflow.flows.project import Project, load
from chatflow.flows.validation import check
from chatflow.media.profiles import FORMATS, Format
from chatflow.media.ranges import InvalidFile

SOUND = Path(__file__).parents[1] / "unit" / "chatflow" / "flows" / "sound"
_BY_ENDING = {each.extension: each for each in FORMATS.values()}


def formats_by_extension(path: Path) -> Format | InvalidFile:
    """Stands in for looking at the content, so that a test's files may be a few bytes."""
    return _BY_ENDING.get(path.suffix.removeprefix(".")) or InvalidFile("unknown_format", "an ending of no format")


class FlowFolder:
    """A folder that begins as a copy of that set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(SOUND, path)

    def project(self, files: Mapping[str, str | bytes] | None = None, **deployment: str) -> Project:
        """The folder with these files added or replaced, loaded."""
        for name, content in (files or {}).items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(self.path, deployment=deployment, identify=formats_by_extension)

    def problems(self, files: Mapping[str, str | bytes] | None = None, **deployment: str) -> list[str]:
        """All that is wrong then, as `file: node > field: message` without lines."""
        found = check(self.project(files, **deployment))
        return [": ".join(each for each in (problem.file, problem.where, problem.message) if each) for problem in found]

    def flow_problems(self, nodes: str, **more: str) -> list[str]:
        """All that is wrong with a flow of these nodes (YAML, indented by two), that starts with the first."""
        start = nodes.strip().split(":")[0]
        fields = "".join(f"{name}: {value}\n" for name, value in more.items())
        flow = f"chatflow: 1\nflow: tested\nstart: {start}\n{fields}nodes:\n{nodes}"
        return [each.removeprefix("tested.yaml: ") for each in self.problems({"tested.yaml": flow})]


def compiled(project: Project) -> dict[str, Any]:
    """The compiled flows, routes and assets of a project without problems, by name."""
    assert check(project) == []
    assert project.routes is not None
    return {
        "flows": {flow.name: compile_flow(Graph(flow, project.resources)) for flow in project.flows},
        "routes": project.routes.compiled(),
        "assets": {name: asset_reference(asset) for name, asset in project.resources.assets.items()},
    }
