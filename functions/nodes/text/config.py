"""The config of a node of type `text`, as an author writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chatflow.conversation.undelivered import UNDELIVERED
from chatflow.flows.fields import SomeText
from chatflow.flows.node_config import VALUE, Behaviour, NodeConfig, Resources


class Config(NodeConfig):
    """Say something, then go on at once."""

    type: Literal["text"]
    say: SomeText = Field(description="What the customer reads.")

    def behaviour(self, node: str, _resources: Resources) -> Behaviour:
        return Behaviour(
            exits=("sent", "failed", UNDELIVERED),
            required=("sent",),
            optional=frozenset({UNDELIVERED}),
            main=("sent",),
            setbacks=frozenset({"failed", UNDELIVERED}),
            sets={UNDELIVERED: {f"{node}_failure": VALUE}},
        )
