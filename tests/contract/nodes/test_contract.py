"""Every node type keeps the contract, and the contract would notice one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.flows.node_config import Resources
from chatflow.flows.node_types import node_types
from tests.contract.nodes.clauses import CLAUSES, ROOT, Clause, NodeType, node_type
from tests.fakes.visit import FakePorts

BAD = NodeType(
    name="bad_node",
    folder=Path(__file__).parent / "bad_node",
    package="tests.contract.nodes.bad_node",
    example={"type": "bad_node"},
    ports=FakePorts,
    resources=Resources(),
)


@pytest.mark.parametrize("name", node_types())
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_node_type_keeps_its_promise(name: str, clause: Clause) -> None:
    clause(node_type(name))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_bad_node_type_breaks_every_promise(clause: Clause) -> None:
    with pytest.raises(AssertionError):
        clause(BAD)


def test_every_folder_of_nodes_is_a_node_type() -> None:
    folders = {path.parent.name for path in (ROOT / "functions" / "nodes").glob("*/rule.py")}
    assert folders == set(node_types())


def test_a_node_type_without_an_example_fails_with_what_to_write() -> None:
    with pytest.raises(AssertionError, match=r"write tests/unit/functions/nodes/pigeon/example\.py"):
        node_type("pigeon")
