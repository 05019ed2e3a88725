"""Validates a change among everything that is live: what is wrong with the documents, and what they break elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property, lru_cache
from typing import Any

from chatflow.dataclass import dataclass
from chatflow.flows.asset_files import Asset
from chatflow.flows.fields import ASSET, NAME
from chatflow.flows.problems import Problem
from chatflow.flows.project import DEPLOYMENT as DEPLOYMENT_FILE
from chatflow.flows.project import INTEGRATIONS, Project, assemble
from chatflow.flows.routes import FILE as ROUTES_FILE
from chatflow.flows.validation import check, problems_on, variables_by_node, warnings
from chatflow.flows.variables import Variable
from chatflow.flows.yaml_documents import Document, read
from chatflow.media.profiles import FORMATS
from chatflow.media.ranges import InvalidFile
from chatflow.publishing.model import DEPLOYMENT_ID, ROUTES_ID, Entry, LiveAsset, RequiresLive, Source

_FORMATS_BY_MIME = {each.mime: each for each in FORMATS.values()}
# The fields of documents that name something of this kind, and the names that it can have.
_NAMING_FIELDS = {"flow": NAME, "integration": NAME, "asset": ASSET}


@dataclass(frozen=True)
class LiveProject:
    """Everything that is live, by id ("flow/welcome"), and the assets that flows can send."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    assets: tuple[LiveAsset, ...] = ()

    @cached_property
    def known_problems(self) -> frozenset[tuple[object, ...]]:
        """The problems that the live project already has."""
        return frozenset(problem.identity for problem in check(self.project({})))

    def version(self, id: str) -> int:
        """The number of the live version; 0 when none is live."""
        return self.sources[id].version if id in self.sources else 0

    def project(self, changed: Mapping[str, str | None]) -> Project:
        """The project with these documents (texts by id) in place of the live ones; None removes one."""
        texts: dict[str, str | None] = {id: source.text for id, source in self.sources.items()}
        texts.update(changed)
        documents = {file_of(id): document(id, text) for id, text in texts.items() if text is not None}
        return assemble(documents, map(_asset, self.assets), {})

    def problems_with(self, changed: Mapping[str, str | None], also: Collection[str] = ()) -> list[Problem]:
        """The problems after a change: every one in the changed documents, and new ones in any other document.

        `also` names further documents (ids) to report every problem of, because they are published again. The same is
        done for integrations that these call: they are compiled into the flows.
        """
        reported = [*(id for id, text in changed.items() if text is not None), *also]
        project = self.project(changed)
        reported_files = {file_of(id) for id in reported} | _uncompilable_integrations(project, map(file_of, reported))
        problems = [*check(project), *_name_mismatches(changed)]
        # A problem without a file says that no flow is left. Deleting the last flow is allowed.
        new = (each for each in problems if each.file and each.identity not in self.known_problems)
        return sorted({*new, *(each for each in problems if each.file in reported_files)})

    def warnings_with(self, id: str, text: str) -> list[Problem]:
        """What a document would have customers miss, though it can be published."""
        return [each for each in warnings(self.project({id: text})) if each.file == file_of(id)]

    def variables_with(self, id: str, text: str) -> dict[str, list[Variable]]:
        """The variables that may be set when each node of this text of a flow is entered."""
        return variables_by_node(self.project({id: text}), file_of(id))

    def problems_on(self, channel: str) -> tuple[list[Problem], list[Problem]]:
        """The problems and the warnings of live flows on one more channel, which the routes may not name yet."""
        return problems_on(self.project({}), channel)

    def flows_calling(self, integration: str) -> list[str]:
        """The ids of the flows whose live versions call this integration."""
        return sorted(id for id, source in self.sources.items() if integration in source.uses.get("integrations", ()))

    def nodes_using(self, kind: str, name: str) -> dict[str, list[str]]:
        """The nodes that use an integration or an asset (`kind`), by the name of their flow."""
        nodes = {}
        for id, source in self.sources.items():
            if id.startswith("flow/") and name in source.uses.get(f"{kind}s", ()):
                nodes[id.partition("/")[2]] = sorted(_nodes_naming(document(id, source.text).data, kind, name))
        return nodes

    def requirements(self, entry: Entry) -> list[RequiresLive]:
        """What must hold when an entry goes live: what is compiled into it is unchanged, what it names is live."""
        compiled_in = [f"integration/{name}" for name in entry.uses.get("integrations", ())]
        if entry.kind in ("flow", "integration") and DEPLOYMENT_ID in self.sources:
            compiled_in.append(DEPLOYMENT_ID)
        return [*(RequiresLive(id, self.version(id)) for id in compiled_in), *named_requirements(entry)]


def named_requirements(entry: Entry) -> list[RequiresLive]:
    """The flows and assets that an entry refers to by name: any version of them must be live when it goes live."""
    named = [f"{kind}/{name}" for kind in ("asset", "flow") for name in entry.uses.get(f"{kind}s", ())]
    return [RequiresLive(id) for id in named if id != entry.id]


def file_of(id: str) -> str:
    """The path that a thing would have in a folder of flows."""
    kind, _, name = id.partition("/")
    fixed = {ROUTES_ID: ROUTES_FILE, DEPLOYMENT_ID: DEPLOYMENT_FILE}
    return fixed.get(id) or (f"{INTEGRATIONS}/{name}.yaml" if kind == "integration" else f"{name}.yaml")


def document(id: str, text: str) -> Document:
    """Parse a document. The result is cached."""
    return _read(file_of(id), text)


def named_ids(data: Any) -> set[str]:
    """The ids of everything that a document may refer to, whatever else is wrong with it.

    What no name can be refers to nothing, and could not be looked up: an empty text is no key of a table.
    """
    if isinstance(data, list):
        return {id for each in data for id in named_ids(each)}
    if not isinstance(data, dict):
        return set()
    named_here = {
        f"{kind}/{name}"
        for kind, pattern in _NAMING_FIELDS.items()
        if isinstance(name := data.get(kind), str) and re.fullmatch(pattern, name)
    }
    return named_here.union(*(named_ids(each) for each in data.values()))


def _uncompilable_integrations(project: Project, files: Iterable[str]) -> set[str]:
    """The files of the integrations with broken fields that these documents call."""
    called = (
        id.split("/", 1)
        for file in files
        if file in project.documents
        for id in named_ids(project.documents[file].data)
    )
    names = {
        name for kind, name in called if kind == "integration" and project.resources.integrations.get(name) is None
    }
    return {project.integration_files[name] for name in names if name in project.integration_files}


def _asset(asset: LiveAsset) -> Asset:
    known = _FORMATS_BY_MIME.get(asset.mime)
    format = (
        replace(known, encoding=asset.encoding)
        if known
        else InvalidFile("unknown_format", f"it is kept as {asset.mime}")
    )
    return Asset(asset.name, asset.size, asset.sha256, format)


@lru_cache(maxsize=512)
def _read(file: str, text: str) -> Document:
    return read(file, text)


def _name_mismatches(changed: Mapping[str, str | None]) -> Iterator[Problem]:
    """Documents that hold another name than the one that they are published under."""
    for id, text in changed.items():
        kind, _, name = id.partition("/")
        if text is None or kind not in ("flow", "integration"):
            continue
        written = document(id, text)
        if isinstance(written.data, dict) and isinstance(own := written.data.get(kind), str) and own != name:
            yield written.problem((kind,), f'This is published as "{name}", and calls itself "{own}". Use one name.')


def _nodes_naming(data: Any, kind: str, name: str) -> Iterator[str]:
    nodes = data.get("nodes") if isinstance(data, dict) else None
    for node, fields in nodes.items() if isinstance(nodes, dict) else ():
        if f"{kind}/{name}" in named_ids(fields):
            yield node
