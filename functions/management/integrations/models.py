"""Integrations and their trials, as the API describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from management.http.times import Time
from management.publishing.versions import Published


class IntegrationHead(BaseModel):
    """An integration in a list."""

    name: str
    title: str
    method: str
    url: str = Field(description="With this deployment's own address; templates in it are not filled.")
    version: int
    published_at: Time
    by: str
    note: str
    master: Literal["api", "deploy"]
    used_by: list[str] = Field(description="The live flows that call it.")


class PublishedWithFlows(Published):
    """A new version, and the flows that were published again because they call it."""

    flows: list[str]


class Sample(BaseModel):
    """What the call is made with."""

    parameters: dict[str, Any] = Field({}, description="The integration's parameters, files apart.")
    file: dict[str, str] = Field({}, description="For each parameter that is a file, the name of an asset.")
    document: dict[str, Any] | None = Field(None, description="A definition that is not published.")
    save_as: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,63})?$", description="As a node would write it.")
    exits: list[str] | None = Field(
        None, max_length=50, description="The value exits of a node; without them, those of all live flows."
    )


class TriedPart(BaseModel):
    """A part of a multipart body: a text, or the facts of a file."""

    name: str
    value: str | None = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    sha256: str | None = None


class TriedRequest(BaseModel):
    """What was sent, secrets masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    parts: list[TriedPart]


class TriedFile(BaseModel):
    """What is told of a body that is no text."""

    filename: str
    kind: str
    mime: str
    size: int
    sha256: str


class TriedResponse(BaseModel):
    """What came back, secrets masked."""

    status: int
    headers: dict[str, str]
    body: str | None = Field(description="At most 32,768 characters.")
    file: TriedFile | None


class Attempt(BaseModel):
    """One of the tries that the integration allows."""

    status: int | None
    error: str
    seconds: float


class Trial(BaseModel):
    """What a node that makes this call would see."""

    request: TriedRequest | None = Field(description="Null when no request could be made of the sample.")
    response: TriedResponse | None = Field(description="Null when no answer came.")
    attempts: list[Attempt]
    seconds: float
    exit: str = Field(description="The exit that a node would take.")
    reason: str = Field(description="Why the exit is `failure`; else empty.")
    error: str
    variables: dict[str, Any] = Field(description="What a node would set.")
