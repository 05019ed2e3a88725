"""Integrations and their trials, as the API describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from management.flows.models import Finding
from management.http.model import Model
from management.http.times import Time
from management.publishing.versions import Published


class Parameter(Model):
    """A value that a node has to give."""

    name: str
    file: bool = Field(description="Whether it is uploaded: a variable that holds a file.")


class IntegrationHead(Model):
    """An integration in a list."""

    name: str
    title: str
    method: str
    url: str = Field(description="With this deployment's own address; its templates are not filled.")
    version: int
    published_at: Time
    by: str
    note: str
    master: Literal["api", "deploy"]
    used_by: list[str] = Field(description="The live flows that call it.")
    parameters: list[Parameter] = Field(description="By name.")


class PublishedWithFlows(Published):
    """A new version, and the flows that were published again because they call it."""

    flows: list[str]
    warnings: list[str] = Field(description="Secrets that may be sent to any host, or not to this one.")
    warnings_found: list[Finding] = Field(description="The warnings again, as findings, in the same order.")


class Sample(Model):
    """The values for the call."""

    parameters: dict[str, Any] = Field({}, description="The integration's parameters, except files.")
    file: dict[str, str] = Field({}, description="For each parameter that is a file, the name of an asset.")
    document: dict[str, Any] | None = Field(None, description="An unpublished definition to try instead.")
    save_as: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,63})?$", description="As in a node.")
    exits: list[str] | None = Field(
        None, max_length=50, description="The value exits of a node; without them, those of all live flows."
    )


class CurlText(Model):
    """A curl command, as people paste it. It is read, never run, and neither stored nor logged."""

    curl: str = Field(min_length=1, max_length=100_000)


class CurlDefinition(Model):
    """The integration that makes the request of a command. It is not stored."""

    yaml: str
    document: dict[str, Any] = Field(description="The same as JSON. Credentials stand in it as `[[secret:name]]`.")
    warnings: list[str] = Field(
        description="What was left out, which secrets have to be set, and what is to be mended."
    )


class TriedPart(Model):
    """A part of a multipart body: a text, or the description of a file."""

    name: str
    value: str | None = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    sha256: str | None = None


class TriedRequest(Model):
    """The request that was sent, with secrets masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    parts: list[TriedPart]


class TriedFile(Model):
    """The description of a body that is not a text."""

    filename: str
    kind: str
    mime: str
    size: int
    sha256: str


class TriedResponse(Model):
    """The response that was received, with secrets masked."""

    status: int
    headers: dict[str, str]
    body: str | None = Field(description="At most 32,768 characters.")
    file: TriedFile | None


class Attempt(Model):
    """One of the attempts that the integration allows."""

    status: int | None
    error: str
    seconds: float


class Trial(Model):
    """The result that a node with this call would get."""

    request: TriedRequest | None = Field(description="Null if no request could be built from the sample.")
    response: TriedResponse | None = Field(description="Null without a response.")
    attempts: list[Attempt]
    seconds: float
    exit: str = Field(description="The exit that a node would take.")
    reason: str = Field(description="Why the exit is `failure`; otherwise empty.")
    error: str
    variables: dict[str, Any] = Field(description="The variables that a node would set.")
    warnings: list[str] = Field(description="Secrets that may be sent to any host, or not to this one.")
    warnings_found: list[Finding] = Field(description="The warnings again, as findings, in the same order.")
