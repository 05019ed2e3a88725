"""The files in `flows/`, checked at synth and written down for the function that publishes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chatflow.flows.__main__ import report
from chatflow.flows.document import check, load, published
from chatflow.publication import ROUTES, Entry
from infrastructure.configuration import Misconfigured


def entries(folder: Path, deployment: Mapping[str, str]) -> list[Entry]:
    """Everything to publish; an asset's `file` is a path below the folder. Raises Misconfigured with every problem."""
    project = load(folder, deployment=deployment)
    problems = check(project)
    if problems:
        raise Misconfigured(report(problems, folder))
    publication = published(project)
    found = [
        *_flows(publication["flows"]),
        Entry("routes", ROUTES, _hash(publication["routes"]), publication["routes"]),
        *_assets(publication["assets"]),
    ]
    return sorted(found, key=lambda entry: entry.id)


def _flows(flows: Mapping[str, Mapping[str, Any]]) -> Iterator[Entry]:
    for name, version in flows.items():
        document = {key: value for key, value in version.items() if key not in ("slices", "hash", "version")}
        yield Entry("flow", name, version["hash"], document, version["slices"])


def _assets(assets: Mapping[str, Mapping[str, Any]]) -> Iterator[Entry]:
    for name, asset in assets.items():
        document = {key: value for key, value in asset.items() if key != "file"}
        yield Entry("asset", name, _hash(document), document, file=asset["file"])


def _hash(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
