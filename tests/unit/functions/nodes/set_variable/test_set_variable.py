"""The Set variable node."""

from __future__ import annotations

from chatflow.nodes.contract import Outcome, within_limit
from nodes.set_variable.rule import visit
from tests.fakes.visit import FakePorts, a_visit


def test_values_are_kept_and_one_whole_variable_keeps_its_type() -> None:
    config = {"set": {"count": "[[claim.files]]", "label": "claim [[claim.files]]", "list": ["[[claim.files]]"]}}
    outcome = visit(a_visit(config, variables={"claim": {"files": 3}}), FakePorts())
    assert outcome.set == {"count": 3, "label": "claim 3", "list": [3]}
    assert outcome.exit == "done"


def test_variables_that_grow_past_64_kb_take_the_failure_exit() -> None:
    grown = within_limit(Outcome(exit="done", set={"big": "x" * 70_000}), {}, "failed")
    assert grown.exit == "failed"
    assert grown.set == {"failure": {"reason": "too_large"}}
