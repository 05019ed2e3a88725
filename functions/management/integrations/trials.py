"""Trials of integrations: the sample is checked here, the call is made by a function that may read secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from chatflow.errors import NotPublished
from chatflow.publishing.documents import document, file_of
from chatflow.templating import names
from management.flows.models import Finding
from management.http import documents
from management.http.problems import Problem, invalid_fields
from management.integrations.models import Sample, Trial
from management.publishing.service import live_project
from management.secrets import sent_secrets

if TYPE_CHECKING:
    from management.dependencies import Dependencies

_FIXED_EXITS: Final = ("success", "failure")

Definition = dict[str, Any]


def run(dependencies: Dependencies, integration: str, sample: Sample) -> Trial:
    """Make the call with sample values. A call that fails is a result, not a problem.

    Raises Problem (not-found, invalid-flow, invalid-request, too-large); then no call was made.
    """
    definition = _definition(dependencies, integration, sample.document)
    parameters = _parameters(dependencies, definition, sample)
    warnings = sent_secrets.record(dependencies, definition)
    exits = sample.exits if sample.exits is not None else _value_exits(dependencies, integration)
    result = dependencies.run_trial(
        {
            "integration": definition,
            "parameters": parameters,
            "save_as": sample.save_as,
            "exits": exits,
        }
    )
    found = [Finding(**each.to_json()) for each in warnings]
    return Trial(**result, warnings=[each.message for each in warnings], warnings_found=found)


def _definition(dependencies: Dependencies, integration: str, document: dict[str, Any] | None) -> Definition:
    """The published definition of an integration, or the given document compiled in the same way."""
    id = f"integration/{integration}"
    if document is None:
        published = dependencies.published_index.documents([id])
        if id not in published:
            raise Problem("not-found", f'there is no integration "{integration}"')
        return published[id]
    text = documents.require_document(id, documents.yaml_from_json(document))
    live = live_project(dependencies)
    problems = [each for each in live.problems_with({id: text}) if each.file == file_of(id)]
    if problems:
        raise documents.invalid_flow(problems)
    from chatflow.publishing.entries import entry_of

    return dict(entry_of(live.project({id: text}), id).document)


def _parameters(dependencies: Dependencies, definition: Definition, sample: Sample) -> dict[str, Any]:
    """The values of all parameters, files as media references. Raises Problem (invalid-request) naming every error."""
    parts = definition["request"]["parts"]
    files = {name for part in parts if "file" in part for name in names(part["file"])}
    templates = ("url", "headers", "query", "request")
    texts = names([*(definition[each] for each in templates), definition["response"]["filename"]])
    parameters: dict[str, Any] = {name: value for name, value in sample.parameters.items() if name in texts - files}
    errors = list(_sample_errors(texts | files, files, sample))
    for name in sorted(files & set(sample.file)):
        try:
            parameters[name] = dependencies.live_asset(sample.file[name]).to_json()
        except NotPublished:
            errors.append({"field": f"body.file.{name}", "message": f'there is no asset "{sample.file[name]}"'})
    if errors:
        raise invalid_fields(errors)
    return parameters


def _sample_errors(needed: set[str], files: set[str], sample: Sample) -> Iterator[dict[str, str]]:
    """What the sample lacks, and what it has that the integration does not use."""
    for name in sorted(needed):
        if name in files and name not in sample.file:
            yield {"field": f"body.file.{name}", "message": "the integration sends a file here: name an asset"}
        elif name not in files and name not in sample.parameters:
            yield {"field": f"body.parameters.{name}", "message": "the integration needs this parameter"}
    for name in sorted({*sample.parameters} - (needed - files)):
        yield {"field": f"body.parameters.{name}", "message": "the integration has no such parameter that is no file"}
    for name in sorted({*sample.file} - files):
        yield {"field": f"body.file.{name}", "message": "the integration sends no file of this name"}


def _value_exits(dependencies: Dependencies, integration: str) -> list[str]:
    """The value exits of all nodes of live flows that call the integration."""
    found: set[str] = set()
    live = live_project(dependencies)
    for id, text in live.texts(live.flows_calling(integration)).items():
        data = document(id, text).data
        for node in data["nodes"].values() if isinstance(data, dict) and isinstance(data.get("nodes"), dict) else ():
            exits = node.get("exits") if isinstance(node, dict) and node.get("integration") == integration else None
            found |= set(exits) - set(_FIXED_EXITS) if isinstance(exits, dict) else set()
    return sorted(found)
