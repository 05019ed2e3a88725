"""Every flow in `broken/` has exactly the problems that stand beside it, each with its line, node and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.flows.node_types import node_types, types_that_ask
from chatflow.flows.problems import listed
from chatflow.flows.validation import check
from tests.fakes.flow_folders import FlowFolder

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(BROKEN.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_flow_is_told_all_that_is_wrong_with_it(case: Path, folder: FlowFolder) -> None:
    problems = check(folder.project({"broken.yaml": case.read_bytes()}))
    told = [str(problem).removeprefix("broken.yaml:").strip() for problem in problems]
    assert told == _written(case)


def test_there_are_forty_broken_flows_each_with_problems_and_one_with_twelve() -> None:
    assert len(CASES) >= 40
    assert all(_written(case) for case in CASES)
    assert len(_written(BROKEN / "twelve-at-once.yaml")) == 12


def test_the_library_beside_the_broken_flows_is_sound(folder: FlowFolder) -> None:
    assert folder.problems() == []


def _written(case: Path) -> list[str]:
    """The problems beside a flow. `{node types}` stands for the names of all, `{types that ask}` for some."""
    text = case.with_suffix(".problems").read_text()
    text = text.replace("{types that ask}", ", ".join(types_that_ask()))
    return text.replace("{node types}", listed(node_types())).splitlines()
