"""The small flow of the smoke check: its document, and the compiled nodes for the turn machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

_DOCUMENT = Path(__file__).with_suffix(".yaml")
VARIABLES = {"checked_by": "doctor"}  # what the flow leaves


@dataclass(frozen=True)
class SmokeFlow:
    """The flow under a name that no other flow has."""

    name: str

    @cached_property
    def text(self) -> str:
        return _DOCUMENT.read_text(encoding="utf-8").replace("flow: NAME", f"flow: {self.name}")

    def compiled(self) -> dict[str, Any]:
        """The first slice, as a publish would store it: `start` and `nodes`."""
        from chatflow.flows.compilation import compile_slices
        from chatflow.flows.graph import Graph
        from chatflow.flows.project import assemble
        from chatflow.flows.yaml_documents import read
        from chatflow_cli.documents import add_node_types_to_path

        add_node_types_to_path()
        file = f"{self.name}.yaml"
        project = assemble({file: read(file, self.text)}, [], {})
        (flow,) = project.flows
        return {"start": flow.start, "nodes": compile_slices(Graph(flow, project.resources))[flow.start]["nodes"]}
