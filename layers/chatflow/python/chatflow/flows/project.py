"""A project: everything that one deployment publishes together, loaded from a folder or from documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from chatflow.flows.asset_files import FOLDER as ASSETS
from chatflow.flows.asset_files import Asset, Identify, identify_by_content, read_assets
from chatflow.flows.deployment_values import Deployment, value_findings
from chatflow.flows.files import DEPLOYMENT, INTEGRATIONS, ROUTES
from chatflow.flows.flow import Flow, name_is_written, parse_flow, probable_name
from chatflow.flows.integrations import Integration
from chatflow.flows.interfaces import Interface
from chatflow.flows.node_config import Resources
from chatflow.flows.problems import Problem
from chatflow.flows.repair import BrokenField, Parsed, parse
from chatflow.flows.routes import Routes
from chatflow.flows.yaml_documents import Document, read


@dataclass(frozen=True)
class Project:
    """A parsed project. `problems` holds what could not be parsed; `validation.check` validates the whole.

    `readings` are the same project with its broken fields filled in, in two ways; none when no field is broken.
    `others` are the interfaces, by name, of flows that belong to the project and are not in it: they are not validated.
    """

    flows: tuple[Flow, ...]
    resources: Resources
    routes: Routes | None
    documents: Mapping[str, Document]  # by file
    integrations: Mapping[str, Integration]  # by file
    integration_files: Mapping[str, str]  # by the integration's name
    unreadable: frozenset[str]  # the probable names of flows whose files cannot be parsed
    problems: tuple[Problem, ...]
    broken: tuple[BrokenField, ...] = ()
    readings: tuple[Project, ...] = ()
    others: Mapping[str, Interface] = field(default_factory=dict)

    @property
    def flow_names(self) -> set[str]:
        """The names of all flows, whether they can be read or not."""
        return {flow.name for flow in self.flows} | self.unreadable | self.others.keys()


def assemble(
    documents: Mapping[str, Document],
    assets: Iterable[Asset],
    deployment: Mapping[str, str],
    problems: Iterable[Problem] = (),
    *,
    others: Mapping[str, Interface] = MappingProxyType({}),
    other_integrations: Iterable[str] = (),
) -> Project:
    """Build a project from documents by file name. The name decides what a document is.

    `others` and `other_integrations` are what belongs to the project beside these documents; it counts as being there,
    and nobody may rely on what it says.
    """
    found = [*problems, *(problem for document in documents.values() for problem in document.problems)]
    known = {file: document for file, document in documents.items() if document.data is not None}
    parsed_flows: dict[str, Parsed[Flow]] = {}
    parsed_integrations: dict[str, Parsed[Integration]] = {}
    parsed_routes = parse(Routes, known[ROUTES]) if ROUTES in known else None
    for file, document in known.items():
        if file.startswith(f"{INTEGRATIONS}/"):
            parsed_integrations[file] = parse(Integration, document)
        elif file not in (ROUTES, DEPLOYMENT):
            parsed_flows[file] = parse_flow(document)
    parsed: list[Parsed[Any]] = [
        *parsed_flows.values(),
        *parsed_integrations.values(),
        *([parsed_routes] if parsed_routes else []),
    ]
    found += [problem for each in parsed for problem in each.problems]

    files: dict[str, str] = {}
    for file in parsed_integrations:
        name = probable_name(known[file], "integration")
        if name in files and name_is_written(known[file], "integration"):
            message = f'The integration "{name}" stands in {files[name]} too. Give one of them another name.'
            found.append(known[file].problem(("integration",), message))
        files.setdefault(name, file)
    unreadable = {PurePosixPath(file) for file in documents.keys() - known.keys()}
    names_only = dict.fromkeys([path.stem for path in unreadable if path.parent.name == INTEGRATIONS])
    names_only |= dict.fromkeys(other_integrations)
    if ROUTES not in documents:
        found.append(Problem(ROUTES, 0, "", "", "", "The file is missing: it says which flow a message starts."))
    if not parsed_flows and not unreadable and not others:
        found.append(Problem("", 0, "", "", "", "There is no flow in this folder."))
    values = _deployment(known, deployment, found)
    library = {asset.name: asset for asset in assets}

    def project(take: Callable[[Parsed[Any]], Any]) -> Project:
        integrations = {file: take(each) for file, each in parsed_integrations.items()}
        by_name = {**names_only, **{name: integrations[file] for name, file in files.items()}}
        return Project(
            flows=tuple(filter(None, map(take, parsed_flows.values()))),
            resources=Resources(by_name, library, values),
            routes=take(parsed_routes) if parsed_routes else None,
            documents=documents,
            integrations={file: each for file, each in integrations.items() if each is not None},
            integration_files=files,
            unreadable=frozenset(
                {path.stem for path in unreadable if path.parent.name != INTEGRATIONS}
                | {probable_name(known[file], "flow") for file, each in parsed_flows.items() if each.sound is None}
            ),
            problems=tuple(found),
            broken=tuple(broken for each in parsed for broken in each.broken),
            others=others,
        )

    def reading(number: int) -> Project:
        return project(lambda each: each.readings[number] if each.readings else each.sound)

    sound = project(lambda each: each.sound)
    return replace(sound, readings=(reading(0), reading(1))) if any(each.problems for each in parsed) else sound


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
