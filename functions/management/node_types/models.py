"""Node types, as the API describes them to editors."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from management.http.model import Model


class NodeExit(Model):
    """An exit of every node of a variant; with `each`, one exit for each entry of that field of the node."""

    name: str = Field(
        description="With `each` a pattern: {number} counts the entries from 1, {key} is the key of an entry of an "
        "object, any other word is a field of the entry."
    )
    label: str = Field(description="For people; with `each` a pattern, too.")
    each: str = Field(description="The field whose entries each give an exit; empty for an exit that is always there.")
    required: bool = Field(description="Its target must be written; the others lead to the end without one.")
    main: bool = Field(description="`then` stands for it.")
    optional: bool = Field(description="The node has it only where it is written.")
    setback: bool = Field(description="Taken on failure.")
    timeout: bool = Field(description="Taken when the time of a node that waits has passed.")


class NodeVariant(Model):
    """Nodes with the same fields. Most types have one variant."""

    when: dict[str, str] = Field(description="The fields, and their values, of a node of this variant.")
    title: str
    waits: bool = Field(description="Whether a node waits, for a message or for a time.")
    exits: list[NodeExit]
    config_schema: dict[str, Any] = Field(
        description="The JSON Schema (2020-12) of a node. `title` and `description` of a property are words for a "
        "form; `x-widget` is the form field that suits it, and `x-card: true` is on what the card of a node shows."
    )


class NodeType(Model):
    """A node type of this deployment."""

    name: str = Field(description="What a node has as `type`.")
    title: str
    about: str = Field(description="One sentence.")
    icon: str = Field(description="The name of an icon of Lucide (https://lucide.dev).")
    variants: list[NodeVariant]
