"""Trying an integration: the sample is checked here; the call is made by a function that may read secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from chatflow.errors import NotPublished
from chatflow.publishing.entries import entry_of
from chatflow.publishing.live_validation import file_of
from chatflow.templating import names
from management.dependencies import Dependencies
from management.http import documents
from management.http.problems import Problem, invalid_fields
from management.publishing.service import live_project

_OWN_EXITS = ("success", "failure")


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


def run(dependencies: Dependencies, integration: str, sample: Sample) -> Trial:
    """Raises Problem (not-found, invalid-flow, invalid-request); what the call comes to is no problem."""
    form = _form(dependencies, integration, sample.document)
    asked = {
        "integration": form,
        "parameters": _parameters(dependencies, form, sample),
        "save_as": sample.save_as,
        "exits": sample.exits if sample.exits is not None else _exits(dependencies, integration),
    }
    return Trial(**dependencies.run_trial(asked))


def _form(dependencies: Dependencies, integration: str, document: dict[str, Any] | None) -> dict[str, Any]:
    """The integration as a node has it."""
    id = f"integration/{integration}"
    if document is None:
        published = dependencies.published_index.documents([id])
        if id not in published:
            raise Problem("not-found", f'there is no integration "{integration}"')
        return published[id]
    text = documents.require_document(id, documents.yaml_from_json(document))
    live = live_project(dependencies)
    own = [each for each in live.problems_with({id: text}) if each.file == file_of(id)]
    if own:
        raise documents.invalid_flow(own)
    return dict(entry_of(live.project({id: text}), id).document)


def _parameters(dependencies: Dependencies, form: dict[str, Any], sample: Sample) -> dict[str, Any]:
    """All that the integration needs, files as references. Raises Problem (invalid-request) with all that is wrong."""
    parts = form["request"]["parts"]
    files = {name for part in parts if "file" in part for name in names(part["file"])}
    texts = names([form["url"], form["headers"], form["query"], form["request"], form["response"]["filename"]])
    given: dict[str, Any] = {name: value for name, value in sample.parameters.items() if name in texts - files}
    errors = list(_wrong(texts | files, files, sample))
    for name in sorted(files & set(sample.file)):
        try:
            given[name] = dependencies.live_asset(sample.file[name]).to_json()
        except NotPublished:
            errors.append({"field": f"body.file.{name}", "message": f'there is no asset "{sample.file[name]}"'})
    if errors:
        raise invalid_fields(errors)
    return given


def _wrong(needed: set[str], files: set[str], sample: Sample) -> Iterator[dict[str, str]]:
    for name in sorted(needed):
        if name in files and name not in sample.file:
            yield {"field": f"body.file.{name}", "message": "the integration sends a file here: name an asset"}
        elif name not in files and name not in sample.parameters:
            yield {"field": f"body.parameters.{name}", "message": "the integration needs this parameter"}
    for name in sorted({*sample.parameters} - (needed - files)):
        yield {"field": f"body.parameters.{name}", "message": "the integration has no such parameter that is no file"}
    for name in sorted({*sample.file} - files):
        yield {"field": f"body.file.{name}", "message": "the integration sends no file of this name"}


def _exits(dependencies: Dependencies, integration: str) -> list[str]:
    """The values that live flows wait for."""
    live = live_project(dependencies)
    project = live.project({})
    found: set[str] = set()
    for flow in project.flows:
        for node in flow.nodes.values():
            exits = node.raw.get("exits")
            if node.raw.get("integration") == integration and isinstance(exits, dict):
                found |= set(exits) - set(_OWN_EXITS)
    return sorted(found)
