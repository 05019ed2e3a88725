"""The files in `flows/`, checked at synth and written down for the function that publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chatflow.flows.__main__ import report
from chatflow.flows.document import check, load
from chatflow.publishing import entries as published
from chatflow.publishing.model import Entry
from infrastructure.configuration import Misconfigured


def entries(folder: Path, deployment: Mapping[str, str]) -> list[Entry]:
    """Everything to publish; an asset's `file` is a path below the folder. Raises Misconfigured with every problem."""
    project = load(folder, deployment=deployment)
    problems = check(project)
    if problems:
        raise Misconfigured(report(problems, folder))
    return sorted(published.entries(project), key=lambda entry: entry.id)
