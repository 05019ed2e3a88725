"""Flows as files on this machine: read as they are, and checked without any deployment."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatflow_cli.exits import Failure, Usage

_LARGEST = 1_048_576  # bytes: a document is far smaller


@dataclass(frozen=True)
class WrittenFlow:
    """A flow's document as it was written; `name` is what `flow:` says."""

    name: str
    text: str


def read(file: Path) -> WrittenFlow:
    """Raises Failure when the file is no flow's document."""
    text, data = document(file)
    name = data.get("flow") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name:
        raise Failure(f"{file} is no flow.", "It has no line `flow: <name>`.")
    return WrittenFlow(name, text)


def document(file: Path) -> tuple[str, Any]:
    """The text of a YAML file, and what it says; raises Failure with the line when it cannot be read."""
    import yaml

    data = file.read_bytes()
    if len(data) > _LARGEST:
        raise Failure(f"{file} is too large.", "A document has at most 1 MB.")
    try:
        text = data.decode("utf-8-sig")
        return text, yaml.safe_load(text)
    except UnicodeDecodeError as fault:
        raise Failure(f"{file} is not text.", f"It is not UTF-8: {fault.reason} at byte {fault.start}.") from None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise Failure(f"{file}{line} is not YAML.", str(getattr(fault, "problem", "") or fault)) from None


def problems_of_folder(folder: Path) -> list[dict[str, Any]]:
    """Every problem of a folder of flows, named by the files as they are to be found from here."""
    found = _checked(folder)
    return [{**problem, "file": str(folder / problem["file"])} for problem in found]


def problems_of_file(file: Path) -> list[dict[str, Any]]:
    """The problems of one file among the others of its folder."""
    folder = file.parent
    if not (folder / "routes.yaml").is_file():
        raise Usage(
            f"{folder} is no folder of flows: it has no routes.yaml.",
            "Without its neighbours, a file cannot be checked offline.",
            "Leave out --offline to check it against what is live.",
        )
    return [{**problem, "file": str(file)} for problem in _checked(folder) if problem["file"] == file.name]


def _checked(folder: Path) -> list[dict[str, Any]]:
    from chatflow.flows.project import load
    from chatflow.flows.validation import check

    _find_node_types()
    return [problem.to_json() for problem in check(load(folder))]


def _find_node_types() -> None:
    """The node types' folder is on the path wherever this is installed; in a bare checkout it is beside us."""
    beside = Path(__file__).resolve().parents[1] / "functions"
    if (beside / "nodes").is_dir() and str(beside) not in sys.path:
        sys.path.append(str(beside))
