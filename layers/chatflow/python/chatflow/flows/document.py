"""The front door: a folder of flows, loaded, checked and published.

project = load(Path("flows"), deployment={"business_url": "https://api.example.com"})
problems = check(project)
publication = published(project)      # only when there are no problems
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from chatflow.flows.assets import FOLDER as ASSETS
from chatflow.flows.assets import Identify, identified, read_assets
from chatflow.flows.checking import check
from chatflow.flows.problems import Problem
from chatflow.flows.project import DEPLOYMENT, INTEGRATIONS, Project, assembled
from chatflow.flows.publication import Publication, published
from chatflow.flows.reading import read
from chatflow.flows.routes import FILE as ROUTES

__all__ = ["Problem", "Project", "Publication", "check", "load", "published"]


def load(folder: Path, *, deployment: Mapping[str, str] | None = None, identify: Identify = identified) -> Project:
    """Everything in a folder of flows. Never raises on what stands in it: what is wrong is kept for `check`.

    `deployment` are this deployment's own values for `[[deployment:...]]`, above those of `deployment.yaml`.
    """
    documents = {file: read(file, (folder / file).read_bytes()) for file in _documents(folder)}
    stray = [Problem(file, 0, "", "", "", message) for file, message in _stray(folder)]
    return assembled(documents, tuple(read_assets(folder / ASSETS, identify)), deployment or {}, stray)


def _documents(folder: Path) -> Iterator[str]:
    for place in (folder, folder / INTEGRATIONS):
        for path in sorted(place.glob("*.yaml")):
            yield path.relative_to(folder).as_posix()


def _stray(folder: Path) -> Iterator[tuple[str, str]]:
    """Files that look like documents and would silently not be read."""
    for path in sorted(folder.glob("**/*.y*ml")):
        file = path.relative_to(folder).as_posix()
        if path.suffix == ".yml":
            yield file, "This file is not read. Let its name end in .yaml."
        elif path.parent not in (folder, folder / INTEGRATIONS, folder / ASSETS):
            known = f"{ROUTES}, {DEPLOYMENT} and flows stand in the folder itself, integrations in {INTEGRATIONS}/"
            yield file, f"This file is not read: {known}."
