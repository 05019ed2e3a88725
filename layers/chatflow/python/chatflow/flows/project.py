"""A project: everything that one deployment publishes together, loaded from a folder or from documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chatflow.flows.asset_files import FOLDER as ASSETS
from chatflow.flows.asset_files import Asset, Identify, identify_by_content, read_assets
from chatflow.flows.deployment_values import Deployment, value_findings
from chatflow.flows.field_errors import explain_errors
from chatflow.flows.flow import Flow, parse_flow
from chatflow.flows.integrations import Integration
from chatflow.flows.node_config import Resources
from chatflow.flows.problems import Problem
from chatflow.flows.routes import FILE as ROUTES
from chatflow.flows.routes import Routes
from chatflow.flows.yaml_documents import Document, read

INTEGRATIONS = "integrations"  # the folder
DEPLOYMENT = "deployment.yaml"
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Project:
    """A parsed project. `problems` holds what could not be parsed; `validation.check` validates the whole."""

    flows: tuple[Flow, ...]
    resources: Resources
    routes: Routes | None
    documents: Mapping[str, Document]  # by file
    integration_files: Mapping[str, str]  # by the integration's name
    unreadable: frozenset[str]  # the probable names of flows whose files cannot be parsed
    problems: tuple[Problem, ...]


def assemble(
    documents: Mapping[str, Document],
    assets: Iterable[Asset],
    deployment: Mapping[str, str],
    problems: Iterable[Problem] = (),
) -> Project:
    """Build a project from documents by file name. The name decides what a document is."""
    found = [*problems, *(problem for document in documents.values() for problem in document.problems)]
    known = {file: document for file, document in documents.items() if document.data is not None}
    flows: list[Flow] = []
    integrations: dict[str, Integration | None] = {}
    files: dict[str, str] = {}
    for file, document in known.items():
        if file.startswith(f"{INTEGRATIONS}/"):
            integration, name = _parsed(Integration, document, found), _name(document, "integration")
            if name in files:
                message = f'The integration "{name}" stands in {files[name]} too. Give one of them another name.'
                found.append(document.problem(("integration",), message))
            elif name:
                integrations[name], files[name] = integration, file
        elif file not in (ROUTES, DEPLOYMENT):
            flow, wrong = parse_flow(document)
            found += wrong
            flows.append(flow)
    unreadable = {PurePosixPath(file) for file in documents.keys() - known.keys()}
    for path in unreadable:
        if path.parent.name == INTEGRATIONS:
            integrations.setdefault(path.stem, None)
    if ROUTES not in documents:
        found.append(Problem(ROUTES, 0, "", "", "", "The file is missing: it says which flow a message starts."))
    if not flows and not unreadable:
        found.append(Problem("", 0, "", "", "", "There is no flow in this folder."))
    return Project(
        flows=tuple(flows),
        resources=Resources(
            integrations, {asset.name: asset for asset in assets}, _deployment(known, deployment, found)
        ),
        routes=_parsed(Routes, known[ROUTES], found) if ROUTES in known else None,
        documents=documents,
        integration_files=files,
        unreadable=frozenset(path.stem for path in unreadable if path.parent.name != INTEGRATIONS),
        problems=tuple(found),
    )


def _parsed(model: type[Model], document: Document, problems: list[Problem]) -> Model | None:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems += [document.problem(path, words) for path, words in explain_errors(error, document.data, model)]
        return None


def _deployment(known: Mapping[str, Document], given: Mapping[str, str], problems: list[Problem]) -> Deployment:
    """The values of `deployment.yaml`, overridden by those of this deployment."""
    document = known.get(DEPLOYMENT, Document(DEPLOYMENT, {}))
    if not isinstance(document.data, dict):
        problems.append(
            document.problem((), "Write a name and an address in each line, such as business_url: https://...")
        )
        return Deployment(dict(given))
    values = {**document.data, **given}
    problems += [document.problem(each.path, each.message) for each in value_findings(values)]
    return Deployment({name: value for name, value in values.items() if isinstance(value, str)})


def _name(document: Document, field: str) -> str:
    name = document.data.get(field) if isinstance(document.data, dict) else ""
    return name if isinstance(name, str) else ""


def load(
    folder: Path, *, deployment: Mapping[str, str] | None = None, identify: Identify = identify_by_content
) -> Project:
    """Load a folder of flows. Never raises on its content: problems are stored in the project.

    `deployment` overrides the values of `deployment.yaml`.
    """
    documents = {file: read(file, (folder / file).read_bytes()) for file in _documents(folder)}
    stray = [Problem(file, 0, "", "", "", message) for file, message in _stray(folder)]
    return assemble(documents, tuple(read_assets(folder / ASSETS, identify)), deployment or {}, stray)


def _documents(folder: Path) -> Iterator[str]:
    for place in (folder, folder / INTEGRATIONS):
        for path in sorted(place.glob("*.yaml")):
            yield path.relative_to(folder).as_posix()


def _stray(folder: Path) -> Iterator[tuple[str, str]]:
    """Files that look like documents and would otherwise be ignored silently."""
    for path in sorted(folder.glob("**/*.y*ml")):
        file = path.relative_to(folder).as_posix()
        if path.suffix == ".yml":
            yield file, "This file is not read. Let its name end in .yaml."
        elif path.parent not in (folder, folder / INTEGRATIONS, folder / ASSETS):
            known = f"{ROUTES}, {DEPLOYMENT} and flows stand in the folder itself, integrations in {INTEGRATIONS}/"
            yield file, f"This file is not read: {known}."
