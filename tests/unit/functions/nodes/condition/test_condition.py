"""The Condition node."""

from __future__ import annotations

from typing import Any

import pytest

from nodes.condition.rule import visit
from tests.fakes.visit import FakePorts, a_visit

VARIABLES = {"claim": {"status": "Approved ", "amount": "120.5"}, "empty": "", "tags": ["a"]}


def _exit(value: str, operator: str, operand: Any) -> str:
    case = {"value": value, "operator": operator, "operand": operand, "exit": "case_1"}
    return visit(a_visit({"cases": [case]}, variables=VARIABLES), FakePorts()).exit


@pytest.mark.parametrize(
    ("value", "operator", "operand"),
    [
        ("[[claim.status]]", "equals", "approved"),
        ("[[claim.status]]", "not_equals", "refused"),
        ("[[claim.status]]", "one_of", ["refused", "APPROVED"]),
        ("[[claim.status]]", "contains", "prove"),
        ("[[claim.status]]", "starts_with", "app"),
        ("[[claim.amount]]", "matches", r"\d+\.\d"),
        ("[[claim.amount]]", "greater_than", 120),
        ("[[claim.amount]]", "less_than", "121"),
        ("[[claim.status]]", "exists", True),
        ("[[empty]]", "exists", False),
        ("[[unknown]]", "exists", False),
        ("[[tags]]", "equals", '["a"]'),
    ],
)
def test_a_case_that_holds_takes_its_exit(value: str, operator: str, operand: Any) -> None:
    assert _exit(value, operator, operand) == "case_1"


@pytest.mark.parametrize(
    ("value", "operator", "operand"),
    [
        ("[[claim.status]]", "equals", "refused"),
        ("[[claim.status]]", "greater_than", 1),
        ("[[unknown]]", "less_than", 1),
        ("[[claim.status]]", "one_of", []),
        ("[[unknown]]", "exists", True),
    ],
)
def test_a_case_that_does_not_hold_leads_otherwise(value: str, operator: str, operand: Any) -> None:
    assert _exit(value, operator, operand) == "otherwise"


def test_the_first_case_that_holds_wins() -> None:
    cases = [
        {"value": "[[claim.amount]]", "operator": "greater_than", "operand": 1000, "exit": "case_1"},
        {"value": "[[claim.amount]]", "operator": "greater_than", "operand": 100, "exit": "case_2"},
        {"value": "[[claim.amount]]", "operator": "greater_than", "operand": 10, "exit": "case_3"},
    ]
    assert visit(a_visit({"cases": cases}, variables=VARIABLES), FakePorts()).exit == "case_2"
