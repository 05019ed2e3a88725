"""Every example in `docs/flow-format.md` is one that works."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from chatflow.flows.node_types import node_types
from chatflow.flows.validation import check
from tests.fakes.flow_folders import FlowFolder, compiled

PAGE = (Path(__file__).parents[4] / "docs" / "flow-format.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
FILES = {block.splitlines()[0].removeprefix("# flows/"): block for block in BLOCKS if block.startswith("# flows/")}
DEPLOYMENT = "business_url: https://business.example.com\n"
NODES = [block for block in BLOCKS if not block.startswith("# flows/")]


@pytest.fixture
def page(folder: FlowFolder) -> FlowFolder:
    """A folder without flows and integrations of its own: those of the page are a project."""
    (folder.path / "other.yaml").unlink()
    shutil.rmtree(folder.path / "integrations")
    (folder.path / "assets" / "what-happens-next.pdf").write_bytes(b"%PDF-1.7")
    return folder


def test_the_files_of_the_page_are_a_sound_project(page: FlowFolder) -> None:
    assert len(FILES) == 6
    assert check(page.project({**FILES, "deployment.yaml": DEPLOYMENT})) == []


@pytest.mark.parametrize("block", NODES, ids=lambda block: block.split(":")[0])
def test_the_nodes_of_the_page_are_a_sound_flow_that_compiles(block: str, page: FlowFolder) -> None:
    """Each example is a flow of its own beside the files of the page."""
    nodes = "".join(f"  {line}\n" for line in block.splitlines())
    start = block.split(":", maxsplit=1)[0]
    flow = f"chatflow: 1\nflow: example\nstart: {start}\nnodes:\n{nodes}"
    project = page.project({**FILES, "deployment.yaml": DEPLOYMENT, "example.yaml": flow})
    assert compiled(project)["flows"]["example"]["slices"]


def test_the_page_shows_every_node_type() -> None:
    shown = set(re.findall(r"type: ([a-z_]+)", "".join(NODES)))
    assert shown == set(node_types())
