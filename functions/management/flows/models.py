"""Flows, drafts and validation problems, as the API describes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chatflow.flows.fields import MOST_NODES, VariableType
from management.http.model import Model
from management.http.times import Time

Coordinate = Annotated[float, Field(strict=True, ge=-100_000, le=100_000, allow_inf_nan=False)]
NodeId = Annotated[str, Field(min_length=1, max_length=200)]


class DraftHead(Model):
    """A draft, without its text."""

    revision: int
    updated_at: Time
    by: str


class FlowHead(Model):
    """A flow in a list. Without a live version, its fields are null."""

    name: str
    title: str
    version: int | None = Field(description="The live version.")
    published_at: Time | None
    by: str | None = Field(description="Who published the live version; empty when a deploy did.")
    note: str | None
    master: Literal["api", "deploy"] | None = Field(
        description="What made it live: this API, or the files of a deploy."
    )
    draft: DraftHead | None


class Uses(Model):
    """What the live version uses, by name."""

    assets: list[str]
    integrations: list[str]
    flows: list[str]


class FlowDetail(FlowHead):
    """One flow."""

    uses: Uses
    changed: bool = Field(description="Whether there is a draft that differs from the live version.")
    running: int = Field(
        description="Sessions that run on any of its versions. The count may lag a moment behind, and is an estimate "
        "where more than about 50,000 sessions run in the deployment."
    )


class Position(Model):
    """Where a node stands, in pixels at a zoom of 100 %."""

    model_config = ConfigDict(extra="forbid")

    x: Coordinate
    y: Coordinate


class Layout(Model):
    """Where people put the nodes of a flow on the canvas. A node without a position is placed by the editor."""

    model_config = ConfigDict(extra="forbid")

    nodes: Annotated[dict[NodeId, Position], Field(max_length=MOST_NODES)] = Field(
        description="By the name of the node. What is no node of the draft or the live version is left out."
    )


class Document(Model):
    """The document to validate; without either field, the draft."""

    document: dict[str, Any] | None = Field(None, description="The flow as JSON.")
    yaml: str | None = Field(None, description="The flow as YAML.")


class Finding(Model):
    """One problem. An empty field means that it concerns the whole document, flow or node."""

    file: str
    line: int = Field(description="Counted from 1; 0 if no line causes it.")
    flow: str
    node: str
    field: str
    message: str
    code: str = Field(
        default="",
        description="A stable name of what is wrong, for a program that says it in its own words: "
        "`unknown-integration`, `unknown-asset`, `parameter-missing`, `exit-not-connected`, `secret-for-any-host`, "
        "`secret-for-another-host`. Empty for most.",
    )
    subject: str = Field(
        default="", description="What the code concerns, such as the name of the integration that does not exist."
    )


class Findings(Model):
    """All problems; without any, the document can be published."""

    problems: list[Finding]
    warnings: list[str] = Field(
        description="What does not prevent publishing: what customers would miss, and secrets that may be sent to any "
        "host, or not to that of a call."
    )
    warnings_found: list[Finding] = Field(
        default=[], description="The warnings again, each with its place, and in the same order."
    )


class NodeVariable(Model):
    """A variable that is set on a way to a node."""

    name: str
    type: VariableType = Field(description="What it holds; any if that is not sure.")


class FlowFindings(Findings):
    """What validation says of a flow: its problems, and the variables that are set at each node."""

    variables: dict[str, list[NodeVariable]] = Field(
        description="By node, the variables that are set on a way to it, as far as the document can be read. A node "
        "that nothing leads to has all of its flow. Fields of answers that are not kept under a name are not listed."
    )
