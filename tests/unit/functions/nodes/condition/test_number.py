"""Which values are numbers to `greater_than` and `less_than`, when a flow is validated and when it runs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.condition.number import number
from nodes.condition.rule import visit
from tests.fakes.flow_folders import FlowFolder
from tests.fakes.visit import FakePorts, a_visit

NUMBERS = {
    "12": "12",
    " 12 ": "12",
    "+12": "12",
    "-12.5": "-12.5",
    "\u221212.5": "-12.5",
    "1.5": "1.5",
    "1,5": "1.5",
    ".5": "0.5",
    ",5": "0.5",
    "0,500": "0.5",
    "12,50": "12.5",
    "1000.50": "1000.5",
    "1,000": "1000",
    "1.000": "1",
    "1,000.50": "1000.5",
    "1.000,50": "1000.5",
    "1.000,00": "1000",
    "1,000,000": "1000000",
    "1.000.000": "1000000",
    "1.000.000,5": "1000000.5",
    "1,00,000.25": "100000.25",
    "1 000 000,5": "1000000.5",
    "1\u00a0000": "1000",
    "1\u202f000,5": "1000.5",
    "1'000.50": "1000.5",
    "1\u2019000": "1000",
    "\uff15\uff10": "50",
    "\u0663\u066b\u0665": "3.5",
    "\u0967\u0968": "12",
    "007": "7",
    "9" * 60: "9" * 60,
}
NO_NUMBERS = [
    *(
        "inf",
        "-inf",
        "Infinity",
        "nan",
        "1e400",
        "1e5",
        "1E5",
        "1_000_000",
        "0x10",
        "many",
        "",
        " ",
        "-",
        ".",
        ",",
    ),
    *("1.2.3", "1,2,3", "1.000.00", "1,000,00", "1.5,000", "1 00", "1  000", "12:30", "2026-11-22", "--5", "5-", "(5)"),
    *("5 EUR", "€5", "5%", "½", "²", "1'00", "1/2", "9" * 101, True, None, [1], {"a": 1}, float("inf"), float("nan")),
]


@pytest.fixture
def folder(tmp_path: Path) -> FlowFolder:
    return FlowFolder(tmp_path / "flows")


@pytest.mark.parametrize(("text", "value"), NUMBERS.items(), ids=repr)
def test_a_number_is_taken_as_people_write_it(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_anything_else_is_no_number(value: Any) -> None:
    assert number(value) is None


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_of_json_is_itself(value: float) -> None:
    assert number(value) == Decimal(repr(value))


@given(st.integers(0, 10**15), st.integers(0, 99))
def test_thousands_may_be_grouped_in_every_usual_way(whole: int, hundredths: int) -> None:
    value = Decimal(whole) + Decimal(hundredths) / 100
    for separator, decimal in ((",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("", "."), ("", ",")):
        assert number(f"{whole:,}".replace(",", separator) + f"{decimal}{hundredths:02}") == value


@given(st.text(max_size=12) | st.text("0123456789.,' -+", max_size=12))
def test_no_text_breaks_the_comparison(text: str) -> None:
    found = number(text)
    assert found is None or found.is_finite()


@pytest.mark.parametrize(("text", "value"), [("1,000.50", 1000), ("1.000,50", 1000), ("-3,5", -4)])
def test_what_a_customer_typed_is_compared_as_a_number(text: str, value: float) -> None:
    assert _exits(text, value) == ("case_1", "otherwise")


@pytest.mark.parametrize("text", ["inf", "1e400", "1_000_000", "nan"])
def test_what_is_no_finite_number_is_neither_greater_nor_less(text: str) -> None:
    assert _exits(text, 5) == ("otherwise", "otherwise")
    assert _exits("5", text) == ("otherwise", "otherwise")


@pytest.mark.parametrize("operand", ["1,000.50", "'-5'", "1.5", "'[[x]]'"])
def test_a_flow_may_compare_with_a_number(folder: FlowFolder, operand: str) -> None:
    assert folder.flow_problems(_nodes(operand)) == []


@pytest.mark.parametrize("operand", ["inf", "'1e400'", "1_000_000", ".inf", "'1e5'", "5 EUR"])
def test_a_flow_cannot_compare_with_what_is_no_number(folder: FlowFolder, operand: str) -> None:
    assert folder.flow_problems(_nodes(operand)) == [
        f'size > cases[0].greater_than: "{operand.strip(chr(39))}" is not a number.'
    ]


def _exits(text: str, operand: Any) -> tuple[str, str]:
    """The exits of a condition that compares a text, by `greater_than` and by `less_than`."""
    cases = [
        [{"value": "[[x]]", "operator": operator, "operand": operand, "exit": "case_1"}]
        for operator in ("greater_than", "less_than")
    ]
    greater, less = (visit(a_visit({"cases": each}, variables={"x": text}), FakePorts()).exit for each in cases)
    return greater, less


def _nodes(operand: str) -> str:
    return f"""
  ask: {{type: input, prompt: A number, save_as: x, then: size}}
  size:
    type: condition
    cases:
      - if: "[[x]]"
        greater_than: {operand}
        then: end
    otherwise: end
"""
