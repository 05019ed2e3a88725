"""Validates a change among everything that is live: what is wrong with the documents, and what they break elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from chatflow.flows.asset_files import Asset
from chatflow.flows.channels import channels_by_flow, known_channels
from chatflow.flows.integrations import host_called
from chatflow.flows.interfaces import Interface
from chatflow.flows.problems import Problem, nearest
from chatflow.flows.project import Project, assemble
from chatflow.flows.surroundings import Arrivals, circle_of, leading_to, led_to_by
from chatflow.flows.template_references import texts
from chatflow.flows.validation import check, interfaces, problems_on, variables_by_node, warnings
from chatflow.flows.variables import Variable
from chatflow.flows.yaml_documents import Document
from chatflow.media.profiles import FORMATS
from chatflow.media.ranges import InvalidFile
from chatflow.publishing.documents import document, file_of, named_ids
from chatflow.publishing.model import DEPLOYMENT_ID, ROUTES_ID, Entry, LiveAsset, RequiresLive, Source
from chatflow.publishing.publish import named_requirements

_FORMATS_BY_MIME = {each.mime: each for each in FORMATS.values()}

_INTERFACES_AT_ONCE: Final = 50  # flows of an earlier release that are read, analysed and stored together


@dataclass(frozen=True)
class LiveProject:
    """Everything that is live, by id ("flow/welcome"), and the assets that flows can send.

    A change is validated together with the flows that it can touch; of all others, their interfaces are enough. `read`
    returns texts by id of these versions by id, for sources that have none here. `store` keeps interfaces of
    flows that are stored without one, by name, each with the flow's version, so that nobody need find them again.
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    assets: tuple[LiveAsset, ...] = ()
    read: Callable[[Mapping[str, int]], Mapping[str, str]] | None = None
    store: Callable[[Mapping[str, tuple[int, Interface]]], None] | None = None
    _texts: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _changes: dict[tuple[tuple[str, str | None], ...], _Change] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def version(self, id: str) -> int:
        """The number of the live version; 0 when none is live."""
        return self.sources[id].version if id in self.sources else 0

    def project(self, changed: Mapping[str, str | None]) -> Project:
        """The project with these documents (texts by id) in place of the live ones; None removes one.

        It has the flows that the change can touch. The others are there as interfaces.
        """
        return self._change(changed, ()).after

    def problems_with(self, changed: Mapping[str, str | None], also: Collection[str] = ()) -> list[Problem]:
        """The problems after a change: every one in the changed documents, and new ones in any other document.

        `also` names further documents (ids) to report every problem of, because they are published again. The same is
        done for integrations that these call: they are compiled into the flows.
        """
        change = self._change(changed, also)
        reported = [*(id for id, text in changed.items() if text is not None), *also]
        reported_files = {file_of(id) for id in reported} | _uncompilable_integrations(
            change.after, map(file_of, reported)
        )
        known = {problem.identity for problem in check(change.before)}
        problems = [*check(change.after), *_name_mismatches(changed)]
        # A problem without a file says that no flow is left. Deleting the last flow is allowed.
        new = (each for each in problems if each.file and each.identity not in known)
        return sorted({*new, *(each for each in problems if each.file in reported_files)})

    def warnings_with(self, id: str, text: str) -> list[Problem]:
        """What a document would have customers miss, though it can be published."""
        return [each for each in warnings(self.project({id: text})) if each.file == file_of(id)]

    def variables_with(self, id: str, text: str) -> dict[str, list[Variable]]:
        """The variables that may be set when each node of this text of a flow is entered."""
        return variables_by_node(self.project({id: text}), file_of(id))

    def problems_on(self, channel: str) -> tuple[list[Problem], list[Problem]]:
        """The problems and the warnings of live flows on one more channel, which the routes may not name yet.

        Only flows are read to which its messages would come.
        """
        leads_to = {name: each.leads_to for name, each in self.interfaces.items()}
        found = channels_by_flow(leads_to, self._project({}, ()).routes, known_channels(), channel)
        flows = [f"flow/{name}" for name, channels in found.items() if channel in channels]
        return problems_on(self._project({}, flows), channel)

    def flows_calling(self, integration: str) -> list[str]:
        """The ids of the flows whose live versions call this integration."""
        return self._using("integrations", {integration})

    def nodes_using(self, kind: str, name: str) -> dict[str, list[str]]:
        """The nodes that use an integration or an asset (`kind`), by the name of their flow."""
        flows = self._using(f"{kind}s", {name})
        return {
            id.partition("/")[2]: sorted(_nodes_naming(document(id, text).data, kind, name))
            for id, text in self.texts(flows).items()
        }

    def requirements(self, entry: Entry) -> list[RequiresLive]:
        """What must hold when an entry goes live: what is compiled into it is unchanged, what it names is live."""
        compiled_in = [f"integration/{name}" for name in entry.uses.get("integrations", ())]
        if entry.kind in ("flow", "integration") and DEPLOYMENT_ID in self.sources:
            compiled_in.append(DEPLOYMENT_ID)
        return [*(RequiresLive(id, self.version(id)) for id in compiled_in), *named_requirements(entry)]

    @cached_property
    def interfaces(self) -> dict[str, Interface]:
        """The interfaces of all live flows, by name."""
        stored = {id.partition("/")[2]: self.sources[id].interface for id in self._flow_ids}
        return {name: each for name, each in stored.items() if each is not None} | self.unstored_interfaces

    @cached_property
    def unstored_interfaces(self) -> dict[str, Interface]:
        """The interfaces of those live flows, by name, whose versions are stored without one.

        They are stored a few at a time: a process that ends meanwhile leaves only the rest to the next one.
        """
        ids = [id for id in self._flow_ids if self.sources[id].interface is None]
        found: dict[str, Interface] = {}
        for start in range(0, len(ids), _INTERFACES_AT_ONCE):
            some = ids[start : start + _INTERFACES_AT_ONCE]
            analysed = interfaces(self._assembled({}, self._documents({}, some), {}))
            versions = {id.partition("/")[2]: self.sources[id].version for id in some}
            found |= {name: analysed.get(name, Interface()) for name in versions}
            if self.store:
                self.store({name: (version, found[name]) for name, version in versions.items()})
        return found

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """The texts of live documents. One that is not live is left out."""
        wanted = [id for id in dict.fromkeys(ids) if id in self.sources]
        self._texts.update({id: text for id in wanted if (text := self.sources[id].text) is not None})
        missing = {id: self.sources[id].version for id in wanted if id not in self._texts}
        if missing and self.read:
            self._texts.update(self.read(missing))
        return {id: self._texts[id] for id in wanted if id in self._texts}

    @property
    def _flow_ids(self) -> list[str]:
        return [id for id in self.sources if id.startswith("flow/")]

    def _using(self, kind: str, names: Collection[str]) -> list[str]:
        return sorted(id for id in self._flow_ids if not set(names).isdisjoint(self.sources[id].uses.get(kind, ())))

    def _change(self, changed: Mapping[str, str | None], also: Collection[str]) -> _Change:
        key = tuple(sorted(changed.items()))
        if key not in self._changes or not set(also) <= self._changes[key].flows:
            flows = self._touched(changed, also)
            self._changes[key] = _Change(flows, self._project({}, flows), self._project(changed, flows))
        return self._changes[key]

    def _touched(self, changed: Mapping[str, str | None], also: Collection[str]) -> frozenset[str]:
        """The ids of the flows that a change can give other problems."""
        changed_flows = {id for id in changed if id.startswith("flow/")}
        integrations = {id.partition("/")[2] for id in changed if id.startswith("integration/")}
        new_or_gone = {id.partition("/")[2] for id in changed_flows if id not in self.sources or changed[id] is None}
        first = {*changed_flows, *also, *self._using("integrations", integrations), *self._using("flows", new_or_gone)}
        before, after = self._project({}, ()), self._project(changed, first)
        gone = {id.partition("/")[2] for id in changed_flows if changed[id] is None}
        worlds = (
            self.interfaces,
            {name: each for name, each in {**self.interfaces, **interfaces(after)}.items() if name not in gone},
        )
        channels = [
            channels_by_flow({name: each.leads_to for name, each in world.items()}, project.routes, known_channels())
            for world, project in zip(worlds, (before, after), strict=True)
        ]
        names = {id.partition("/")[2] for id in first}
        behind = {flow for world in worlds for flow in led_to_by(names, world)}
        touched = {
            *Arrivals(*(leading_to(behind, world) for world in worlds)).differing(0, 1),
            *(name for name, names in channels[1].items() if channels[0].get(name, names) != names),
        }
        for flow in (id.partition("/")[2] for id in changed_flows):
            touched.update(*(circle_of(flow, world) for world in worlds if flow in world))
        return frozenset(first | {f"flow/{name}" for name in touched})

    def _project(self, changed: Mapping[str, str | None], flows: Iterable[str]) -> Project:
        """The project after a change, with these flows (ids); the others as interfaces."""
        inside = {*flows, *(id for id in changed if id.startswith("flow/"))}
        others = {name: each for name, each in self.interfaces.items() if f"flow/{name}" not in inside}
        return self._assembled(changed, self._documents(changed, inside), others)

    def _documents(self, changed: Mapping[str, str | None], flows: Iterable[str]) -> dict[str, Document]:
        """The documents of flows, and of everything that these may rely on, by id."""
        texts: dict[str, str | None] = {**self.texts([*flows, ROUTES_ID, DEPLOYMENT_ID]), **changed}
        found = {id: document(id, text) for id, text in texts.items() if text is not None}
        known = {id for id in self.sources if id.startswith("integration/")}
        wanted = _possible_integrations(found.values(), known) | self._of_one_host(changed, found, known)
        found |= {id: document(id, text) for id, text in self.texts(sorted(wanted - changed.keys())).items()}
        return found

    def _of_one_host(
        self, changed: Mapping[str, str | None], documents: Mapping[str, Document], known: Collection[str]
    ) -> set[str]:
        """The ids of integrations that may call the host of a changed one: those of one host have something in common.

        The versions of earlier releases do not say which host they call.
        """
        if not any(id.startswith("integration/") for id in changed):
            return set()
        project = self._assembled(changed, documents, {})
        hosts = {host_called(each, project.resources.deployment) for each in project.integrations.values()}
        uses = {id: self.sources[id].uses for id in known}
        return {id for id in known if "hosts" not in uses[id] or not hosts.isdisjoint(uses[id]["hosts"])}

    def _assembled(
        self, changed: Mapping[str, str | None], documents: Mapping[str, Document], others: Mapping[str, Interface]
    ) -> Project:
        unread = {id for id in self.sources if id.startswith("integration/")} - documents.keys() - changed.keys()
        return assemble(
            {each.file: each for each in documents.values()},
            map(_asset, self.assets),
            {},
            others=others,
            other_integrations=[id.partition("/")[2] for id in sorted(unread)],
        )


@dataclass(frozen=True)
class _Change:
    """A change of the live project: the ids of the flows that it can touch, and the project with these flows."""

    flows: frozenset[str]
    before: Project
    after: Project


def _possible_integrations(documents: Iterable[Document], known: Collection[str]) -> set[str]:
    """The ids of the integrations that documents name, also where that is not written right."""
    names = {id.partition("/")[2] for id in known}
    found: set[str] = set()
    for each in documents:
        written = {text for _path, text in texts(each.data)}
        meant = {id.partition("/")[2] for id in named_ids(each.data) if id.startswith("integration/")}
        found |= (written & names) | {nearest(name, names) for name in meant - names}
    return {f"integration/{name}" for name in found if name}


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
