"""Flows, drafts and validation problems, as the API describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from management.http.times import Time


class DraftHead(BaseModel):
    """A draft, without its text."""

    revision: int
    updated_at: Time
    by: str


class FlowHead(BaseModel):
    """A flow in a list. Without a live version, what is told of that is null."""

    name: str
    title: str
    version: int | None = Field(description="The live version.")
    published_at: Time | None
    by: str | None = Field(description="Who published the live version; empty when a deploy did.")
    note: str | None
    master: Literal["api", "deploy"] | None = Field(description="Who made it live: this API, or the files of a deploy.")
    draft: DraftHead | None


class Uses(BaseModel):
    """What the live version needs, by name."""

    assets: list[str]
    integrations: list[str]
    flows: list[str]


class FlowDetail(FlowHead):
    """One flow."""

    uses: Uses
    changed: bool = Field(description="Whether there is a draft that says something else than the live version.")
    running: int = Field(description="Sessions that run on any of its versions, as far as an index knows at once.")


class Document(BaseModel):
    """What to look at; neither stands for the draft."""

    document: dict[str, Any] | None = Field(None, description="The flow as JSON.")
    yaml: str | None = Field(None, description="The flow as YAML.")


class Finding(BaseModel):
    """One thing to mend; what is empty says that it is the whole document's, flow's or node's."""

    file: str
    line: int = Field(description="Counted from 1; 0 when nothing was written there.")
    flow: str
    node: str
    field: str
    message: str


class Findings(BaseModel):
    """All that is wrong; none means that it can be published."""

    problems: list[Finding]
