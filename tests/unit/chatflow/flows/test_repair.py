"""A broken field gets the value that was probably meant, else a placeholder that differs between the two readings."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.flows.integrations import Integration
from chatflow.flows.node_types import node_types
from chatflow.flows.repair import PLACEHOLDER, likely_kinds, repair

INBOUND = {
    "type": "media",
    "direction": "inbound",
    "prompt": "A photo",
    "save_as": "photo",
    "exits": {"received": "up"},
}
INPUT = {"type": "input", "prompt": "?", "save_as": "plate", "then": "end"}
CONDITION = {"type": "condition", "cases": [{"if": "[[a]]", "equals": "x", "then": "end"}], "otherwise": "end"}
CALL = {"integration": "call", "method": "GET", "url": "https://example.com"}


@pytest.mark.parametrize(
    ("fields", "changed", "meant"),
    [
        (INBOUND, {"accept": "image"}, {"accept": ["image"]}),
        (INBOUND, {"direction": "inbuond"}, {"direction": "inbound"}),
        (INBOUND, {"exits": {"received": {"node": "up"}}}, {"exits": {"received": "up"}}),
        (INBOUND, {"exits": {"received": "Up Load"}}, {"exits": {"received": "up_load"}}),
        (INPUT, {"attempts": "3"}, {"attempts": 3}),
        (INPUT, {"attempts": 3.0}, {"attempts": 3}),
        (INPUT, {"save_as": "Number Plate"}, {"save_as": "number_plate"}),
        (INPUT, {"prompt": "x" * 5000}, {"prompt": "x" * 4096}),
        (INPUT, {"prompt": {"en": "Your plate?"}}, {"prompt": "Your plate?"}),
        (INPUT, {"reprompts": "Again?"}, {"reprompt": "Again?"}),
        (CALL, {"method": "get"}, {"method": "GET"}),
    ],
)
def test_what_was_probably_meant_is_taken(
    fields: dict[str, Any], changed: dict[str, Any], meant: dict[str, Any]
) -> None:
    repaired = repair(model_of(fields), {**fields, **changed}, "x")
    assert repaired.problems
    assert repaired.readings == ({**fields, **meant},) * 2


@pytest.mark.parametrize(
    ("fields", "field", "broken"),
    [(INPUT, "save_as", None), (INPUT, "prompt", 5), (INPUT, "then", 5), (CALL, "url", ["", 5])],
)
def test_what_nobody_can_guess_is_a_placeholder(fields: dict[str, Any], field: str, broken: Any) -> None:
    one, other = repair(model_of(fields), {**fields, field: broken}, "x").readings
    assert PLACEHOLDER.search(str(one[field]))
    assert one[field] != other[field]
    assert {**one, field: 0} == {**fields, field: 0} == {**other, field: 0}


@pytest.mark.parametrize("case", [{}, {"equals": "x", "contains": "y"}])
def test_a_block_whose_fields_do_not_go_together_has_one_less_or_one_more(case: dict[str, Any]) -> None:
    fields = {**CONDITION, "cases": [{"if": "[[a]]", **case, "then": "next"}]}
    repaired = repair(model_of(fields), fields, "x")
    one, other = (reading["cases"][0] for reading in repaired.readings)
    assert one != other
    assert {one["then"], other["then"]} == {"next"}
    assert repaired.blocks == {("cases", 0)}


def test_what_shows_only_after_a_repair_is_a_problem_too() -> None:
    fields = {**INBOUND, "direction": "inbuond", "accept": ["sound"]}
    assert [path for path, _message in repair(model_of(fields), fields, "x").problems] == [
        ("direction",),
        ("accept", 0),
    ]


def test_a_block_with_very_many_errors_is_not_filled_in() -> None:
    repaired = repair(model_of(INPUT), {**INPUT, **{f"f{number}": 1 for number in range(101)}}, "x")
    assert len(repaired.problems) == 101
    assert repaired.readings == ()


@pytest.mark.parametrize(
    ("counts", "written", "kinds"),
    [
        ({"text": 0, "menu": 3}, "txt", ("text", "text")),
        ({"text": 2, "menu": 1}, "txt", ("text", "menu")),  # which of both is not clear
        ({"text": 6, "menu": 1}, "txt", ("menu", "menu")),  # its fields say that it is a menu
        ({"text": 0, "menu": 1}, None, ("text", "text")),
        ({"text": 1, "menu": 1, "input": 4}, None, ("menu", "text")),
    ],
)
def test_a_kind_is_told_by_its_name_and_by_its_fields(
    counts: dict[str, int], written: Any, kinds: tuple[str, str]
) -> None:
    assert likely_kinds(counts, written) == kinds


def model_of(fields: dict[str, Any]) -> Any:
    return node_types()[fields["type"]].model if "type" in fields else Integration
