"""Condition: takes the exit of the first case that holds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from chatflow.patterns import matches
from chatflow.templating import Scope, as_text, fill
from nodes.condition.number import number


def visit(visit: Visit, _ports: Ports) -> Outcome:
    """The exit of the first case that holds, else `otherwise`. Sends nothing and waits for nothing."""
    scope = Scope.of(visit)
    for case in visit.config["cases"]:
        # A pattern is never filled: a customer's text must not become a part of it.
        operand = case["operand"] if case["operator"] == "matches" else fill(case["operand"], scope)
        if _holds(case["operator"], fill(case["value"], scope), operand):
            return Outcome(exit=case["exit"])
    return Outcome(exit="otherwise")


def _holds(operator: str, value: Any, operand: Any) -> bool:
    return _OPERATORS[operator](value, operand)


def _equals(value: Any, operand: Any) -> bool:
    """Compares texts without regard to case or to blanks around them."""
    return _folded(value) == _folded(operand)


def _compared(value: Any, operand: Any, holds: Callable[[Decimal, Decimal], bool]) -> bool:
    """Compares numbers. False when either value is no number: such a case does not hold."""
    one, other = number(value), number(operand)
    return one is not None and other is not None and holds(one, other)


def _folded(value: Any) -> str:
    return as_text(value).strip().casefold()


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": _equals,
    "not_equals": lambda value, operand: not _equals(value, operand),
    "one_of": lambda value, operand: any(_equals(value, each) for each in operand),
    "contains": lambda value, operand: _folded(operand) in _folded(value),
    "starts_with": lambda value, operand: _folded(value).startswith(_folded(operand)),
    "matches": lambda value, operand: matches(operand, as_text(value)),
    "greater_than": lambda value, operand: _compared(value, operand, lambda a, b: a > b),
    "less_than": lambda value, operand: _compared(value, operand, lambda a, b: a < b),
    "exists": lambda value, operand: (as_text(value) != "") is bool(operand),
}
