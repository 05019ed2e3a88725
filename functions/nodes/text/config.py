"""Text: what an author writes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chatflow.flows.fields import SomeText
from chatflow.flows.nodes import Behaviour, Library, NodeConfig


class Config(NodeConfig):
    """Say something, then go on at once."""

    type: Literal["text"]
    say: SomeText = Field(description="What the customer reads.")

    def behaviour(self, _node: str, _library: Library) -> Behaviour:
        return Behaviour(exits=("sent", "failed"), required=("sent",), main=("sent",), setbacks=frozenset({"failed"}))
