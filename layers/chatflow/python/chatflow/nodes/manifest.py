"""Reads the manifests of node types: the manifest.toml in a node type's folder. A folder that has one is a node type.

A manifest says what people see of the type, and what its Lambda function needs. Nothing else names the type.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chatflow.errors import InvalidInput
from chatflow.nodes.tasks import TASKS

FILE: Final = "manifest.toml"
MAX_VISIT_SECONDS: Final = 60  # a turn's budget has room for two such visits
LEAST_MEMORY, MOST_MEMORY = 128, 10_240  # MB, of a Lambda function

# Names of icons of Lucide (https://lucide.dev), of which an editor needs these only.
ICONS: Final = frozenset(
    {
        *("braces", "calendar", "clock", "code", "file", "flag", "image", "list", "mail", "map-pin"),
        *("message-square", "notebook-pen", "paperclip", "phone", "plug", "send", "split", "star"),
        *("text-cursor-input", "timer", "user", "variable", "webhook"),
    }
)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


class InvalidManifests(InvalidInput):
    """Manifests that are not valid. `problems` names every one: the folder, the field, and what is allowed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class FileFailures:
    """The visits that count as a file that did not arrive: those with this exit, except for these reasons."""

    exit: str
    except_reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeManifest:
    """A node type as its manifest describes it. The fields have the manifest's keys."""

    name: str  # of the folder
    title: str
    about: str  # one sentence
    icon: str
    seconds: int  # the longest that a visit may take
    memory: int  # MB
    failure_exit: str
    needs: tuple[str, ...]  # permissions (infrastructure/conversation/node_permissions.py)
    exits: Mapping[str, str]  # the label of each declared exit
    variants: Mapping[str, str] = field(default_factory=dict)  # the title of each variant of the config
    fields: Mapping[str, str] = field(default_factory=dict)  # labels of form fields, where their names do not do
    tasks: tuple[str, ...] = ()
    file_failures: FileFailures | None = None


def read_manifests(folder: Path, needs: Collection[str] | None = None) -> list[NodeManifest]:
    """Every node type of the folder, ordered by name. `needs` are the known needs, None where they do not matter.

    Raises InvalidManifests.
    """
    manifests, problems = [], []
    for path in sorted(folder.glob(f"*/{FILE}")):
        try:
            manifests.append(read_manifest(path.parent, needs))
        except InvalidManifests as error:
            problems += error.problems
    if problems:
        raise InvalidManifests(problems)
    return manifests


def read_manifest(folder: Path, needs: Collection[str] | None = None) -> NodeManifest:
    """The node type of this folder. Raises InvalidManifests."""
    try:
        content = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        raise InvalidManifests([f"{_place(folder)}: {FILE} cannot be read: {problem}"]) from None
    if problems := [*_problems(folder.name, content, needs)]:
        raise InvalidManifests([f"{_place(folder)}: {problem}" for problem in problems])
    failures = content.get("file_failures")
    lists = {name: tuple(content.get(name, ())) for name in ("needs", "tasks")}
    counted = FileFailures(failures["exit"], tuple(failures.get("except_reasons", ()))) if failures else None
    return NodeManifest(folder.name, **{**content, **lists, "file_failures": counted})


def task_types(manifests: Iterable[NodeManifest]) -> dict[str, str]:
    """The node type that carries out each task. Raises InvalidManifests unless it is exactly one."""
    known = tuple(manifests)
    by_task = {task: [each.name for each in known if task in each.tasks] for task in TASKS}
    problems = [
        f"tasks: exactly one node type must have the task {task}; it is {', '.join(names) or 'none'}"
        for task, names in by_task.items()
        if len(names) != 1
    ]
    if problems:
        raise InvalidManifests(problems)
    return {task: name for task, (name,) in by_task.items()}


def _place(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@dataclass(frozen=True)
class _Field:
    """What a field of a manifest may hold. `allowed` says it to people."""

    allowed: str
    accepts: Callable[[Any], bool]
    required: bool = True


def _problems(name: str, content: Mapping[str, Any], needs: Collection[str] | None) -> Iterator[str]:
    exits = content["exits"] if _is_labels(content.get("exits")) else {}
    fields = _fields(exits, needs)
    if not _NAME.fullmatch(name):
        yield "the folder's name is the type's: a small letter, then small letters, digits and _ (at most 32)"
    for key, each in fields.items():
        if key in content and not each.accepts(content[key]):
            yield f"{key}: {content[key]!r} is not allowed. Write {each.allowed}."
        elif each.required and key not in content:
            yield f"{key} is missing. Write {each.allowed}."
    for key in content.keys() - fields.keys():
        yield f"{key} is unknown. Allowed are {', '.join(fields)}."


def _fields(exits: Collection[str], needs: Collection[str] | None) -> dict[str, _Field]:
    of_exits = f"one of the exits: {_or_none(exits)}"
    known_needs = f"a list out of: {', '.join(needs)}" if needs is not None else "a list of needs"
    return {
        "title": _Field("a text of at most 40 characters", lambda value: _is_text(value) and len(value) <= 40),
        "about": _Field("a sentence with its full stop", lambda value: _is_text(value) and value.endswith(".")),
        "icon": _Field(f"one of: {', '.join(sorted(ICONS))}", lambda value: _is_text(value) and value in ICONS),
        "seconds": _Field(
            f"a whole number from 1 to {MAX_VISIT_SECONDS}", lambda value: _is_number(value, 1, MAX_VISIT_SECONDS)
        ),
        "memory": _Field(
            f"a whole number of MB from {LEAST_MEMORY} to {MOST_MEMORY}",
            lambda value: _is_number(value, LEAST_MEMORY, MOST_MEMORY),
        ),
        "failure_exit": _Field(of_exits, lambda value: _is_text(value) and value in exits),
        "needs": _Field(known_needs, lambda value: _is_list(value, needs)),
        "exits": _Field("a table with the label of each exit", lambda value: _is_labels(value) and bool(value)),
        "variants": _Field("a table with the title of each variant", _is_labels, required=False),
        "fields": _Field("a table with labels of fields", _is_labels, required=False),
        "tasks": _Field(f"a list out of: {', '.join(TASKS)}", lambda value: _is_list(value, TASKS), required=False),
        "file_failures": _Field(
            f"a table with exit, {of_exits}, and if some do not count, except_reasons, a list of texts",
            lambda value: _is_file_failures(value, exits),
            required=False,
        ),
    }


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_list(value: Any, known: Collection[str] | None) -> bool:
    return (
        isinstance(value, list)
        and all(_is_text(each) and (known is None or each in known) for each in value)
        and len(set(value)) == len(value)
    )


def _is_labels(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(label) for label in value.values())


def _is_file_failures(value: Any, exits: Collection[str]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"exit", "except_reasons"}
        and _is_text(value.get("exit"))
        and value["exit"] in exits
        and _is_list(value.get("except_reasons", []), None)
    )


def _or_none(names: Collection[str]) -> str:
    return ", ".join(names) or "none has a label in [exits]"
