"""What a node type's manifest may hold; each problem names the folder, the field and what is allowed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatflow.nodes.manifest import ICONS, FileFailures, InvalidManifests, read_manifest, read_manifests, task_types
from chatflow.nodes.tasks import TASKS
from tests.fakes.node_types import MANIFESTS

WHOLE: dict[str, Any] = {
    "title": "Echo",
    "about": "Says it again.",
    "icon": "send",
    "seconds": 5,
    "memory": 256,
    "failure_exit": "failed",
    "needs": ["effects"],
    "exits": {"done": "Done", "failed": "Failed"},
}
OPTIONAL: dict[str, Any] = {
    "variants": {"loud": "Shout"},
    "fields": {"save_as": "Keep as"},
    "tasks": [TASKS[0]],
    "file_failures": {"exit": "failed", "except_reasons": ["status"]},
}
NEEDS = ("effects", "channel")


def written(folder: Path, fields: dict[str, Any], name: str = "echo") -> Path:
    """A folder `nodes` with a node type that has this manifest."""
    place = folder / "nodes" / name
    place.mkdir(parents=True)
    tables = {key: value for key, value in fields.items() if isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items() if key not in tables]
    for key, table in tables.items():
        lines += [f"[{key}]", *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in table.items())]
    (place / "manifest.toml").write_text("\n".join(lines))
    return place.parent


def problems(folder: Path, needs: tuple[str, ...] | None = NEEDS) -> list[str]:
    with pytest.raises(InvalidManifests) as refused:
        read_manifests(folder, needs)
    return refused.value.problems


def test_a_whole_manifest_is_read(tmp_path: Path) -> None:
    (node_type,) = read_manifests(written(tmp_path, WHOLE | OPTIONAL), NEEDS)
    assert (node_type.name, node_type.seconds, node_type.needs) == ("echo", 5, ("effects",))
    assert node_type.exits == WHOLE["exits"]
    assert node_type.file_failures == FileFailures("failed", ("status",))


def test_what_is_optional_may_be_left_out(tmp_path: Path) -> None:
    (node_type,) = read_manifests(written(tmp_path, WHOLE), NEEDS)
    assert (node_type.variants, node_type.fields, node_type.tasks, node_type.file_failures) == ({}, {}, (), None)


@pytest.mark.parametrize("field", WHOLE)
def test_a_field_that_is_missing_is_named_with_what_is_allowed(tmp_path: Path, field: str) -> None:
    folder = written(tmp_path, {key: value for key, value in WHOLE.items() if key != field})
    assert any(problem.startswith(f"nodes/echo: {field} is missing. Write ") for problem in problems(folder))


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("title", "", "a text of at most 40 characters"),
        ("title", "x" * 41, "a text of at most 40 characters"),
        ("about", "Says it again", "a sentence with its full stop"),
        ("icon", "memo", ", ".join(sorted(ICONS))),
        ("icon", ["send"], "one of: "),
        ("seconds", 61, "a whole number from 1 to 60"),
        ("seconds", 0, "a whole number from 1 to 60"),
        ("seconds", "5", "a whole number from 1 to 60"),
        ("seconds", True, "a whole number from 1 to 60"),
        ("memory", 64, "from 128 to 10240"),
        ("failure_exit", "lost", "one of the exits: done, failed"),
        ("needs", ["everything"], "a list out of: effects, channel"),
        ("needs", "effects", "a list out of: effects, channel"),
        ("needs", ["effects", "effects"], "a list out of: effects, channel"),
        ("exits", {}, "a table with the label of each exit"),
        ("exits", {"failed": ""}, "a table with the label of each exit"),
        ("exits", "failed", "a table with the label of each exit"),
        ("variants", {"loud": 1}, "a table with the title of each variant"),
        ("fields", ["save_as"], "a table with labels of fields"),
        ("tasks", ["sing"], f"a list out of: {', '.join(TASKS)}"),
        ("file_failures", {"exit": "lost"}, "one of the exits: done, failed"),
        ("file_failures", {"exit": "failed", "reasons": []}, "except_reasons, a list of texts"),
        ("colour", "red", "colour is unknown. Allowed are title, about, icon"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_with_what_is(tmp_path: Path, field: str, value: Any, allowed: str) -> None:
    told = problems(written(tmp_path, {**WHOLE, field: value}))
    (of_field,) = [problem for problem in told if problem.startswith(f"nodes/echo: {field}")]
    assert allowed in of_field


def test_every_problem_of_every_folder_is_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, {**WHOLE, "icon": "memo", "needs": ["everything"], "colour": "red"})
    written(tmp_path, {**WHOLE, "seconds": 0}, "whisper")
    folder = written(tmp_path, {"title": "Nothing else"}, "Shout-2")
    told = problems(folder)
    assert [problem.partition(": ")[0] for problem in told] == [
        *["nodes/Shout-2"] * len(WHOLE),  # its name, and each field but the title
        *["nodes/echo"] * 3,
        "nodes/whisper",
    ]
    assert "the folder's name is the type's" in told[0]


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, WHOLE)
    (folder / "echo" / "manifest.toml").write_text("not toml")
    assert problems(folder)[0].startswith("nodes/echo: manifest.toml cannot be read: ")


def test_needs_matter_only_where_they_are_known(tmp_path: Path) -> None:
    folder = written(tmp_path, {**WHOLE, "needs": ["everything"]})
    assert read_manifest(folder / "echo").needs == ("everything",)


def test_each_task_belongs_to_exactly_one_type() -> None:
    assert {*task_types(MANIFESTS.values())} == {*TASKS}
    without = [replace(each, tasks=()) for each in MANIFESTS.values()]
    twice = [replace(each, tasks=TASKS) for each in MANIFESTS.values()]
    for manifests, told in ((without, "it is none"), (twice, f"it is {', '.join(MANIFESTS)}")):
        with pytest.raises(InvalidManifests) as refused:
            task_types(manifests)
        assert [
            task in problem and told in problem for task, problem in zip(TASKS, refused.value.problems, strict=True)
        ]
        assert all(told in problem for problem in refused.value.problems)
