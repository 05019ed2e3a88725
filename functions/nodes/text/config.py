"""The config of a node of type `text`, as an author writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.channel_findings import long_texts
from chatflow.flows.exits import NOT_DELIVERED, Exit
from chatflow.flows.fields import SomeText
from chatflow.flows.form_hints import hint
from chatflow.flows.node_config import OBJECT, Behaviour, NodeConfig, Resources, View
from chatflow.flows.problems import Finding


class Config(NodeConfig):
    """Say something, then go on at once."""

    declared_exits: ClassVar = (Exit("sent", required=True, main=True), Exit("failed", setback=True), NOT_DELIVERED)

    type: Literal["text"]
    say: SomeText = Field(description="What the customer reads.", json_schema_extra=hint("text", card=True))
    preview_url: bool = Field(default=False, description="Whether a preview of the first link is shown.")

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        return self.declared_behaviour(sets={UNDELIVERED: {f"{node}_failure": OBJECT}})

    def warnings(self, _node: str, view: View) -> Iterable[Finding]:
        yield from long_texts(view.channels, {"say": self.say})

    def compiled(self, resources: Resources) -> dict[str, Any]:
        """`preview_url` is compiled only where it is wanted, so that other flows stay as they were."""
        config = super().compiled(resources)
        if not self.preview_url:
            del config["preview_url"]
        return config
