"""A project in its published form: plain JSON that the machine and the nodes read without asking twice."""

from __future__ import annotations

from typing import Any, TypedDict

from chatflow.errors import InvalidInput
from chatflow.flows.assets import FOLDER, Asset
from chatflow.flows.checking import check
from chatflow.flows.graph import Graph
from chatflow.flows.project import Project
from chatflow.flows.versions import version_of
from chatflow.media import object_keys
from chatflow.media.reference import MediaReference


class Publication(TypedDict):
    """Everything to publish, by name. `routes` is one document; each asset also says in which `file` it lies."""

    flows: dict[str, dict[str, Any]]
    routes: dict[str, Any]
    assets: dict[str, dict[str, Any]]


def published(project: Project) -> Publication:
    """The published form. Raises InvalidInput when the project has problems."""
    problems = check(project)
    if problems or project.routes is None:
        raise InvalidInput(f"{len(problems)} problems, the first: {problems[0]}")
    return Publication(
        flows={flow.name: version_of(Graph(flow, project.library)) for flow in project.flows},
        routes=project.routes.published(),
        assets={name: asset_document(asset) for name, asset in project.library.assets.items()},
    )


def asset_document(asset: Asset) -> dict[str, Any]:
    """The file as it stands in states and variables, and where it lies in the folder of flows."""
    mime = asset.format.mime if asset.format else ""
    reference = MediaReference(object_keys.asset(asset.sha256), asset.sha256, asset.size, mime, asset.kind, asset.name)
    return {**reference.to_json(), "file": f"{FOLDER}/{asset.name}"}
