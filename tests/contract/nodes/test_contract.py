"""Every node type keeps the contract, and the contract would notice one that does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatflow.flows.node_types import node_types
from tests.contract.nodes.clauses import CLAUSES, ROOT, Clause, NodeType, node_types_of
from tests.fakes.flow_folders import FlowFolder, compiled

BAD = NodeType("bad_node", Path(__file__).parent / "bad_node", "tests.contract.nodes.bad_node", {"type": "bad_node"})


@pytest.mark.parametrize("name", node_types())
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_node_type_keeps_its_promise(name: str, clause: Clause) -> None:
    for example in node_types_of(name):
        clause(example)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_folder_that_is_added_keeps_every_promise(note: NodeType, clause: Clause) -> None:
    clause(note)


def test_a_flow_may_use_a_folder_that_is_added(note: NodeType, tmp_path: Path) -> None:
    flow = f"chatflow: 1\nflow: tested\nstart: it\nnodes: {{it: {json.dumps(note.example)}}}\n"
    folder = FlowFolder(tmp_path / "flows")
    compiled_flow = compiled(folder.project({"tested.yaml": flow}))["flows"]["tested"]
    assert compiled_flow["slices"]["it"]["nodes"]["it"]["config"] == {"note": note.example["note"]}


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_bad_node_type_breaks_every_promise(clause: Clause) -> None:
    with pytest.raises(AssertionError):
        clause(BAD)


def test_every_folder_of_nodes_is_a_node_type() -> None:
    folders = {path.parent.name for path in (ROOT / "functions" / "nodes").glob("*/rule.py")}
    assert folders == set(node_types())


def test_a_node_type_without_an_example_fails_with_what_to_write() -> None:
    with pytest.raises(AssertionError, match=r"write an example into nodes/pigeon/README\.md"):
        node_types_of("pigeon")
