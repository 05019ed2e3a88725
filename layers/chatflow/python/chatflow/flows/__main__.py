"""`python -m chatflow.flows FOLDER`: validate a folder of flows and print every problem."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from chatflow.flows.problems import Problem
from chatflow.flows.project import load
from chatflow.flows.validation import check


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code: 0 without problems, 1 with problems, 2 without such a folder."""
    folder = Path(arguments[0] if arguments else "flows")
    if not folder.is_dir():
        sys.stderr.write(f"There is no folder {folder}.\n")
        return 2
    project = load(folder)
    problems = check(project)
    if problems:
        sys.stderr.write(report(problems, folder))
        return 1
    integrations, assets = len(project.resources.integrations), len(project.resources.assets)
    sys.stdout.write(f"{len(project.flows)} flows ok, with {integrations} integrations and {assets} assets.\n")
    return 0


def report(problems: list[Problem], folder: Path) -> str:
    """Format problems for a terminal, grouped by file, each with its line, node and field."""
    lines = []
    for file, found in groupby(problems, key=lambda problem: problem.file):
        lines.append(f"\n{folder / file}")
        for problem in found:
            line = f"line {problem.line}" if problem.line else "file"
            lines.append(f"  {line:<9} {problem.where}" if problem.where else f"  {line}")
            lines.append(f"            {problem.message}")
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    return "\n".join([*lines, "", f"{count}. Nothing was published.", ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
