"""The config of a node of type `input`, as an author writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from chatflow.flows.fields import Identifier, SomeText
from chatflow.flows.node_config import VALUE, Behaviour, PromptingConfig, Resources, View
from chatflow.flows.pattern_rules import pattern_problem
from chatflow.flows.problems import Finding


class Config(PromptingConfig):
    """Ask for a text and keep it."""

    type: Literal["input"]
    prompt: SomeText = Field(description="What the customer is asked.")
    pattern: str = Field(
        default="", description="A regular expression that the whole answer must match; empty takes any text."
    )
    save_as: Identifier = Field(description="The variable that keeps the answer.")
    sensitive: bool = Field(
        default=False, description="Whether transcripts show *** for the answer and for the variable that keeps it."
    )

    def behaviour(self, _node: str, _resources: Resources) -> Behaviour:
        return self.prompting_behaviour({"received": {self.save_as: VALUE}})

    def templates(self) -> dict[str, Any]:
        return {name: value for name, value in super().templates().items() if name != "pattern"}

    def check(self, _node: str, _view: View) -> Iterable[Finding]:
        if wrong := pattern_problem(self.pattern):
            yield Finding(("pattern",), wrong)
