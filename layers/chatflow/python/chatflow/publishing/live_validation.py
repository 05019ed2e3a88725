"""What is live as one project, and what a change to it would break: documents checked as a whole, without a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from chatflow.flows.assets import Asset
from chatflow.flows.checking import check
from chatflow.flows.problems import Problem
from chatflow.flows.project import DEPLOYMENT as DEPLOYMENT_FILE
from chatflow.flows.project import INTEGRATIONS, Project, assembled
from chatflow.flows.reading import Document, read
from chatflow.flows.routes import FILE as ROUTES_FILE
from chatflow.media.profiles import FORMATS
from chatflow.media.ranges import InvalidFile
from chatflow.publishing.entries import flow_entry, integration_entry, routes_entry
from chatflow.publishing.model import DEPLOYMENT_ID, ROUTES_ID, Entry, LibraryFile, Source, Stays

_BY_MIME = {each.mime: each for each in FORMATS.values()}
_KINDS = {"flow": "flow", "integration": "integration", "asset": "asset"}  # the fields that name something, and what


@dataclass(frozen=True)
class LiveProject:
    """Everything that is live, by id ("flow/welcome"), and the assets that can be sent."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    files: tuple[LibraryFile, ...] = ()

    @cached_property
    def known(self) -> frozenset[tuple[object, ...]]:
        """What is wrong with it as it is."""
        return frozenset(map(_recognised, check(self.project({}))))

    def version(self, id: str) -> int:
        """The version that is live; 0 when none is."""
        return self.sources[id].version if id in self.sources else 0

    def project(self, changed: Mapping[str, str | None]) -> Project:
        """The project with these documents instead; None takes one out."""
        texts: dict[str, str | None] = {id: source.text for id, source in self.sources.items()}
        texts.update(changed)
        documents = {file_of(id): document(id, text) for id, text in texts.items() if text is not None}
        return assembled(documents, map(_asset, self.files), {})

    def problems_with(self, changed: Mapping[str, str | None], also: Collection[str] = ()) -> list[Problem]:
        """What would be wrong after a change: all with the documents themselves, and what is new with any other.

        `also` are further documents of which everything is told, because they are published again.
        """
        own = {file_of(id) for id, text in changed.items() if text is not None} | {file_of(id) for id in also}
        after = [*check(self.project(changed)), *_strangers(changed)]
        # Without a file: that there is no flow at all, which is for whoever deletes the last one to know.
        new = (each for each in after if each.file and _recognised(each) not in self.known)
        return sorted({*new, *(each for each in after if each.file in own)})

    def users(self, integration: str) -> list[str]:
        """The flows (their ids) whose live versions call this integration."""
        return sorted(id for id, source in self.sources.items() if integration in source.uses.get("integrations", ()))

    def nodes_using(self, what: str, name: str) -> dict[str, list[str]]:
        """The nodes that use an integration or an asset (`what`), by the flow that they are in."""
        found = {}
        for id, source in self.sources.items():
            if id.startswith("flow/") and name in source.uses.get(f"{what}s", ()):
                found[id.partition("/")[2]] = sorted(_nodes_naming(document(id, source.text).data, what, name))
        return found

    def needed_by(self, entry: Entry) -> list[Stays]:
        """What must hold while this goes live: what it only names must be there, what is built in be unchanged."""
        built_in = [f"integration/{name}" for name in entry.uses.get("integrations", ())]
        if entry.kind in ("flow", "integration") and DEPLOYMENT_ID in self.sources:
            built_in.append(DEPLOYMENT_ID)
        return [*(Stays(id, self.version(id)) for id in built_in), *named_by(entry)]


def named_by(entry: Entry) -> list[Stays]:
    """What a version leads to or sends by its name: it must be there when the version goes live."""
    named = [f"{kind}/{name}" for kind in ("asset", "flow") for name in entry.uses.get(f"{kind}s", ())]
    return [Stays(id) for id in named if id != entry.id]


def entry_of(project: Project, id: str) -> Entry:
    """The entry of one thing of a project; only when nothing is wrong with it."""
    kind, _, name = id.partition("/")
    if kind == "integration":
        return integration_entry(project, name)
    if kind == "routes":
        return routes_entry(project)
    return flow_entry(project, next(flow for flow in project.flows if flow.name == name))


def file_of(id: str) -> str:
    """The file that something would be in a folder of flows."""
    kind, _, name = id.partition("/")
    fixed = {ROUTES_ID: ROUTES_FILE, DEPLOYMENT_ID: DEPLOYMENT_FILE}
    return fixed.get(id) or (f"{INTEGRATIONS}/{name}.yaml" if kind == "integration" else f"{name}.yaml")


def document(id: str, text: str) -> Document:
    """The document, read once as long as it is the same."""
    return _read(file_of(id), text)


def named(data: Any) -> set[str]:
    """The ids of everything that a document may name, whatever else is wrong with it."""
    if isinstance(data, list):
        return {id for each in data for id in named(each)}
    if not isinstance(data, dict):
        return set()
    own = {f"{kind}/{data[field]}" for field, kind in _KINDS.items() if isinstance(data.get(field), str)}
    return own.union(*(named(each) for each in data.values()))


def _recognised(problem: Problem) -> tuple[object, ...]:
    """By its place and first sentence: what is suggested after that changes with what else there is."""
    first = problem.message.partition(". ")[0].rstrip(".")
    return problem.file, problem.line, problem.flow, problem.node, problem.field, first


def _asset(file: LibraryFile) -> Asset:
    format = _BY_MIME.get(file.mime) or InvalidFile("unknown_format", f"it is kept as {file.mime}")
    return Asset(file.name, file.size, file.sha256, format)


@lru_cache(maxsize=512)
def _read(file: str, text: str) -> Document:
    return read(file, text)


def _strangers(changed: Mapping[str, str | None]) -> Iterator[Problem]:
    """Documents that call themselves otherwise than what they are published as."""
    for id, text in changed.items():
        kind, _, name = id.partition("/")
        if text is None or kind not in ("flow", "integration"):
            continue
        written = document(id, text)
        if isinstance(written.data, dict) and isinstance(own := written.data.get(kind), str) and own != name:
            yield written.problem((kind,), f'This is published as "{name}", and calls itself "{own}". Use one name.')


def _nodes_naming(data: Any, what: str, name: str) -> Iterator[str]:
    nodes = data.get("nodes") if isinstance(data, dict) else None
    for node, fields in nodes.items() if isinstance(nodes, dict) else ():
        if f"{what}/{name}" in named(fields):
            yield node
