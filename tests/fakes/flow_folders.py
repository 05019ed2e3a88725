"""Folders of flows for tests: a small, sound library, to which a test adds what it is about."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from chatflow.flows.document import Project, check, load
from chatflow.media.profiles import FORMATS, Format
from chatflow.media.ranges import InvalidFile

LIBRARY = Path(__file__).parent.parent / "flows" / "library"
_BY_ENDING = {each.extension: each for each in FORMATS.values()}


def formats_by_extension(path: Path) -> Format | InvalidFile:
    """Stands in for looking at the content, so that a test's files may be a few bytes."""
    return _BY_ENDING.get(path.suffix.removeprefix(".")) or InvalidFile("unknown_format", "an ending of no format")


class FlowFolder:
    """A folder that begins as a copy of the library."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(LIBRARY, path)

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
