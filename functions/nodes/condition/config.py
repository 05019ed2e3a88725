"""The config of a node of type `condition`, as an author writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from chatflow.flows.exits import Exit
from chatflow.flows.fields import ExitTarget, Strict, Target, exactly_one
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import Behaviour, NodeConfig, Resources, View
from chatflow.flows.pattern_rules import pattern_problem
from chatflow.flows.problems import Finding, Path
from nodes.condition.number import number

Scalar = str | int | float | bool
OPERATORS = (
    "equals",
    "not_equals",
    "one_of",
    "contains",
    "starts_with",
    "matches",
    "greater_than",
    "less_than",
    "exists",
)


class Case(Strict):
    """If a value is so, go there. Exactly one comparison."""

    model_config = exactly_one(*((each,) for each in OPERATORS))

    value: str = Field(
        alias="if",
        min_length=1,
        description='What is compared, such as "[[claim.status]]".',
        json_schema_extra=hint("template", card=True),
    )
    equals: Scalar | None = Field(
        default=None,
        description="Compared as people do: case and outer blanks do not matter.",
        json_schema_extra=hint("template", card=True),
    )
    not_equals: Scalar | None = Field(
        default=None, description="The opposite of equals.", json_schema_extra=hint("template", card=True)
    )
    one_of: Annotated[list[Scalar], Field(min_length=1)] | None = Field(
        default=None, description="A list of such values.", json_schema_extra=hint(card=True)
    )
    contains: str | None = Field(
        default=None, description="A text inside the value.", json_schema_extra=hint("template", card=True)
    )
    starts_with: str | None = Field(
        default=None, description="A text at the beginning of the value.", json_schema_extra=hint("template", card=True)
    )
    matches: str | None = Field(
        default=None,
        description="A regular expression that the whole value must match.",
        json_schema_extra=hint("pattern", card=True),
    )
    greater_than: int | float | str | None = Field(
        default=None,
        description='A number, also as people write it: "1,000.50".',
        json_schema_extra=hint("template", card=True),
    )
    less_than: int | float | str | None = Field(
        default=None, description="A number, like greater_than.", json_schema_extra=hint("template", card=True)
    )
    exists: bool | None = Field(
        default=None, description="true: the value is not empty; false: it is.", json_schema_extra=hint(card=True)
    )
    then: ExitTarget = Field(description="Where to go when the comparison holds.", json_schema_extra=hint("node"))

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        if len(self.model_fields_set & set(OPERATORS)) != 1:
            raise ValueError(f"A case has exactly one comparison: {', '.join(OPERATORS)}.")
        return self

    @property
    def operator(self) -> str:
        return next(name for name in OPERATORS if name in self.model_fields_set)

    @property
    def operand(self) -> Any:
        return getattr(self, self.operator)


class Config(NodeConfig):
    """Go where the first case that holds leads."""

    declared_exits: ClassVar = (Exit("case_{number}", each="cases"), Exit("otherwise", required=True))

    type: Literal["condition"]
    cases: list[Case] = Field(
        description="Tried from the top; the first that holds wins.",
        min_length=1,
        max_length=20,
        json_schema_extra=hint(card=True),
    )
    otherwise: ExitTarget | None = Field(
        default=None, description="Where to go when no case holds.", json_schema_extra=hint("node")
    )

    def behaviour(self, _node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour(seconds=5)

    def exit_targets(self, behaviour: Behaviour) -> Iterator[tuple[Path, str, Target]]:
        for place, case in enumerate(self.cases):
            yield ("cases", place, "then"), behaviour.exits[place], case.then
        if self.otherwise is not None:
            yield ("otherwise",), "otherwise", self.otherwise
        yield from super().exit_targets(behaviour)

    def exit_path(self, exit: str) -> Path:
        return ("otherwise",) if exit == "otherwise" else ("cases", int(exit.removeprefix("case_")) - 1, "then")

    def templates(self) -> dict[str, Any]:
        cases = [
            {"if": case.value, case.operator: "" if case.operator == "matches" else case.operand} for case in self.cases
        ]
        return {"cases": cases}

    def check(self, _node: str, _view: View) -> Iterable[Finding]:
        for place, case in enumerate(self.cases):
            path = ("cases", place)
            if case.matches is not None and (wrong := pattern_problem(case.matches)):
                yield Finding((*path, "matches"), wrong)
            if "[[" not in case.value:
                yield Finding((*path, "if"), f'"{case.value}" never changes. Compare a variable, such as "[[name]]".')
            if case.operator in ("greater_than", "less_than") and not _may_be_number(case.operand):
                yield Finding((*path, case.operator), f'"{case.operand}" is not a number.')

    def compiled(self, _resources: Resources) -> dict[str, Any]:
        cases = [
            {"value": case.value, "operator": case.operator, "operand": case.operand, "exit": f"case_{number}"}
            for number, case in enumerate(self.cases, start=1)
        ]
        return {"cases": cases}


def _may_be_number(operand: object) -> bool:
    """Whether a comparison by size can hold: what a variable will be is not known here."""
    return number(operand) is not None or (isinstance(operand, str) and "[[" in operand)
