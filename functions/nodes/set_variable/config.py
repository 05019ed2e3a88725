"""The config of a node of type `set_variable`, as an author writes it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from chatflow.flows.exits import Exit
from chatflow.flows.fields import Identifier
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import (
    BOOLEAN,
    COPY,
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    VALUE,
    Behaviour,
    NodeConfig,
    Resources,
)
from chatflow.flows.template_references import literal, single_variable
from chatflow.templating import references

_KINDS: dict[type | tuple[type, ...], str] = {bool: BOOLEAN, (int, float): NUMBER, list: LIST, dict: OBJECT}


class Config(NodeConfig):
    """Keep values under names."""

    declared_exits: ClassVar = (Exit("done", required=True, main=True), Exit("failed", setback=True))

    type: Literal["set_variable"]
    set: dict[Identifier, Annotated[Any, Field(json_schema_extra=hint("template"))]] = Field(
        description='The variables and their values; a value that is one whole "[[x]]" keeps its type.',
        min_length=1,
        json_schema_extra=hint(card=True),
    )

    def behaviour(self, _node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour(
            seconds=5, sets={"done": {name: _kind(value) for name, value in self.set.items()}}
        )


def _kind(value: Any) -> str:
    """A whole `[[photo]]` stays the file that it is; of another whole reference, what it holds is not known."""
    if variable := single_variable(value):
        return COPY + variable
    if isinstance(value, str):
        return VALUE if references(value) and not literal(value) else TEXT
    return next((kind for kinds, kind in _KINDS.items() if isinstance(value, kinds)), VALUE)
