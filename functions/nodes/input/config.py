"""The config of a node of type `input`, as an author writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from chatflow.flows.channel_findings import long_texts
from chatflow.flows.exits import Exit
from chatflow.flows.fields import Identifier, SomeText
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import (
    LIST,
    OBJECT,
    PROMPT_EXITS,
    TEXT,
    VALUE,
    Behaviour,
    PromptingConfig,
    Resources,
    View,
)
from chatflow.flows.pattern_rules import pattern_problem
from chatflow.flows.problems import Finding

Kind = Literal["text", "location", "contact", "form"]
_HOLDS: dict[Kind, str] = {"text": TEXT, "location": OBJECT, "contact": LIST, "form": OBJECT}


class Config(PromptingConfig):
    """Ask for a text, a place, a contact card or a form, and keep it."""

    declared_exits: ClassVar = (Exit("received", required=True, main=True), *PROMPT_EXITS)

    type: Literal["input"]
    prompt: SomeText = Field(description="What the customer is asked.", json_schema_extra=hint("text", card=True))
    pattern: str = Field(
        default="",
        description="A regular expression that the whole answer must match; empty takes any text.",
        json_schema_extra=hint("pattern", card=True),
    )
    accept: list[Kind] = Field(
        default=["text"],
        description="The kinds of answer that are taken: text, location, contact, form.",
        json_schema_extra=hint("kinds", card=True),
        min_length=1,
    )
    save_as: Identifier = Field(
        description="The variable that keeps the answer.", json_schema_extra=hint("variable", card=True)
    )
    sensitive: bool = Field(
        default=False, description="Whether transcripts show *** for the answer and for the variable that keeps it."
    )

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        return self.prompting_behaviour(node, {"received": {self.save_as: self._answer}})

    @property
    def _answer(self) -> str:
        """What the variable holds, if all kinds that are taken are the same in this."""
        held = {_HOLDS[kind] for kind in self.accept}
        return held.pop() if len(held) == 1 else VALUE

    def templates(self) -> dict[str, Any]:
        return {name: value for name, value in super().templates().items() if name not in ("pattern", "accept")}

    def check(self, _node: str, _view: View) -> Iterable[Finding]:
        if wrong := pattern_problem(self.pattern):
            yield Finding(("pattern",), wrong)
        if self.pattern and "text" not in self.accept:
            yield Finding(("pattern",), "A pattern is for texts only. Take it out, or accept text.")
        if len(set(self.accept)) < len(self.accept):
            yield Finding(("accept",), "A kind stands here twice. Keep one of each.")

    def warnings(self, _node: str, view: View) -> Iterable[Finding]:
        yield from long_texts(view.channels, {"prompt": self.prompt, "reprompt": self.reprompt})

    def compiled(self, resources: Resources) -> dict[str, Any]:
        """`accept` is compiled only where it says more than text, so that other flows stay as they were."""
        config = super().compiled(resources)
        if self.accept == ["text"]:
            del config["accept"]
        return config
