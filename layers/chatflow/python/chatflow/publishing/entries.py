"""The entries of a project: for each flow, route document, integration and asset what `publish` stores.

A deploy takes all entries of a folder, the API those of one document among the live ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from chatflow.flows.compilation import asset_reference, compact, compile_flow
from chatflow.flows.files import ROUTES as ROUTES_FILE
from chatflow.flows.flow import Flow
from chatflow.flows.graph import Graph
from chatflow.flows.integrations import host_called
from chatflow.flows.interfaces import storable
from chatflow.flows.project import Project
from chatflow.flows.routes import Routes
from chatflow.flows.template_references import uses
from chatflow.flows.validation import interfaces
from chatflow.publishing.model import DEPLOYMENT, ROUTES, Entry, Uses


def entries(project: Project) -> Iterator[Entry]:
    """Everything that a project publishes. The project must have no problems."""
    stored = _stored_interfaces(project)
    for flow in project.flows:
        yield _flow_entry(project, flow, stored[flow.name])
    yield _routes_entry(project)
    for name in project.resources.integrations:
        yield _integration_entry(project, name)
    if project.resources.deployment.values:
        yield _deployment_entry(project)
    for asset in project.resources.assets.values():
        document = asset_reference(asset)
        file = str(document.pop("file"))
        yield Entry("asset", asset.name, _hash(document), document, file=file)


def entry_of(project: Project, id: str) -> Entry:
    """The entry of a flow, an integration or the routes of a project that has no problems."""
    kind, _, name = id.partition("/")
    if kind == "integration":
        return _integration_entry(project, name)
    if kind == "routes":
        return _routes_entry(project)
    flow = next(flow for flow in project.flows if flow.name == name)
    return _flow_entry(project, flow, _stored_interfaces(project)[name])


def _stored_interfaces(project: Project) -> dict[str, dict[str, Any] | None]:
    """The interfaces of the flows of a project as they are stored, by name. One that is too large is not."""
    return {name: storable(each) for name, each in interfaces(project).items()}


def _flow_entry(project: Project, flow: Flow, interface: Mapping[str, Any] | None) -> Entry:
    graph = Graph(flow, project.resources)
    version = compile_flow(graph)
    document = {key: value for key, value in version.items() if key not in ("slices", "hash", "version")}
    source = flow.document.text
    return Entry(
        "flow",
        flow.name,
        _hash([version["hash"], source]),
        document,
        version["slices"],
        source=source,
        uses=_uses(graph),
        interface=interface,
    )


def _routes_entry(project: Project) -> Entry:
    routes = project.routes
    assert routes is not None, "published only when nothing is wrong"  # noqa: S101
    document, source = routes.compiled(), project.documents[ROUTES_FILE].text
    flows = _target_flows(routes)
    return Entry("routes", ROUTES, _hash([document, source]), document, source=source, uses={"flows": flows})


def _integration_entry(project: Project, name: str) -> Entry:
    """The published form holds the addresses of this deployment; the source keeps their placeholders."""
    integration = project.resources.integrations[name]
    assert integration is not None, "published only when nothing is wrong"  # noqa: S101
    source = project.documents[project.integration_files[name]].text
    url = project.resources.deployment.filled(integration.url)
    document = {**integration.compiled(url), "title": integration.title}
    secrets = sorted({each.name for _path, each in uses(integration.templates) if each.source == "secret"})
    used = {"secrets": secrets, "hosts": [host_called(integration, project.resources.deployment)]}
    return Entry("integration", name, _hash([document, source]), document, source=source, uses=used)


def _deployment_entry(project: Project) -> Entry:
    """The source lists every value in effect, whether the file or the command line of the deploy gave it."""
    values = dict(sorted(project.resources.deployment.values.items()))
    source = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    return Entry("deployment", DEPLOYMENT, _hash([values, source]), {"values": values}, source=source)


def _target_flows(routes: Routes) -> list[str]:
    """The flows that routes lead to."""
    return sorted({*(route.flow for route in routes.routes), *routes.flows_after_leaving})


def _uses(graph: Graph) -> Uses:
    behaviours = graph.behaviours.values()
    return {
        "assets": sorted({asset for each in behaviours for asset in each.assets}),
        "integrations": sorted({integration for each in behaviours for integration in each.integrations}),
        "flows": sorted({flow for node in graph.flow.nodes for flow in graph.flows_after(node)}),
    }


def _hash(content: Mapping[str, Any] | list[Any]) -> str:
    return hashlib.sha256(compact(content).encode()).hexdigest()
