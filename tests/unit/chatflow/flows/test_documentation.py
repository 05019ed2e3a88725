"""Every example in `docs/flow-format.md` is one that works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatflow.flows.flow import parse_flow
from chatflow.flows.node_types import node_types
from chatflow.flows.validation import check
from chatflow.flows.yaml_documents import read
from tests.fakes.flow_folders import FlowFolder

PAGE = (Path(__file__).parents[4] / "docs" / "flow-format.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
FILES = {block.splitlines()[0].removeprefix("# flows/"): block for block in BLOCKS if block.startswith("# flows/")}
NODES = [block for block in BLOCKS if not block.startswith("# flows/")]


def test_the_files_of_the_page_are_a_sound_project(folder: FlowFolder) -> None:
    (folder.path / "other.yaml").unlink()
    deployment = "business_url: https://business.example.com\n"
    assert len(FILES) == 5
    assert check(folder.project({**FILES, "deployment.yaml": deployment})) == []


@pytest.mark.parametrize("block", NODES, ids=lambda block: block.split(":")[0])
def test_the_nodes_of_the_page_have_sound_fields(block: str) -> None:
    nodes = "".join(f"  {line}\n" for line in block.splitlines())
    start = block.split(":", maxsplit=1)[0]
    document = read("page.yaml", f"chatflow: 1\nflow: page\nstart: {start}\nnodes:\n{nodes}")
    parsed = parse_flow(document)
    assert [*document.problems, *parsed.problems] == []
    assert parsed.sound is not None
    assert parsed.sound.nodes


def test_the_page_shows_every_node_type() -> None:
    shown = set(re.findall(r"type: ([a-z_]+)", "".join(NODES)))
    assert shown == set(node_types())
