"""The config of a node of type `note`, as an author writes it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from chatflow.flows.exits import Exit
from chatflow.flows.fields import Name
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import Behaviour, NodeConfig, Resources


class Config(NodeConfig):
    """Write a note into the transcript."""

    declared_exits: ClassVar = (Exit("done", required=True, main=True), Exit("failed", setback=True))

    type: Literal["note"]
    note: Name = Field(
        description="The note: a word of your own, nothing of the customer.", json_schema_extra=hint(card=True)
    )

    def behaviour(self, _node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour(seconds=5)

    def templates(self) -> dict[str, Any]:
        return {}
