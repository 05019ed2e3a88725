"""Documents (flows, routes, integrations): read from YAML files, checked, published, exported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from chatflow_cli.api import YAML
from chatflow_cli.api_errors import ValidationFailed
from chatflow_cli.command import CommandContext
from chatflow_cli.errors import CommandError, ExitCode, NotFound, UsageError
from chatflow_cli.formatting import format_time, plural

_MAXIMUM_SIZE = 1_048_576  # bytes: a document is far smaller

Problem = dict[str, Any]  # as validation reports it: file, line, flow, node, field, message
OutputFile = Annotated[Path | None, typer.Option("--output", "-o", help="A file, instead of stdout.")]


@dataclass(frozen=True)
class FlowDocument:
    """A flow's document as it was written; `name` is the value of `flow:`."""

    name: str
    text: str


def read_flow(file: Path) -> FlowDocument:
    """Raises CommandError when the file is not a flow's document."""
    text, document = read_document(file)
    name = document.get("flow") if isinstance(document, dict) else None
    if not isinstance(name, str) or not name:
        raise CommandError(f"{file} is no flow.", "It has no line `flow: <name>`.")
    return FlowDocument(name, text)


def read_document(file: Path) -> tuple[str, Any]:
    """The text of a YAML file, and its content. Raises CommandError, with the line when the YAML cannot be parsed."""
    import yaml

    data = file.read_bytes()
    if len(data) > _MAXIMUM_SIZE:
        raise CommandError(f"{file} is too large.", "A document has at most 1 MB.")
    try:
        text = data.decode("utf-8-sig")
        return text, yaml.safe_load(text)
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not text.", f"It is not UTF-8: {error.reason} at byte {error.start}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise CommandError(f"{file}{line} is not YAML.", str(getattr(error, "problem", "") or error)) from None


def check_folder(folder: Path) -> list[Problem]:
    """Validate a folder of flows on this machine. Each problem names its file relative to the current folder."""
    return [{**problem, "file": str(folder / problem["file"])} for problem in _validate(folder)]


def check_file(file: Path) -> list[Problem]:
    """Validate one file among the others of its folder, on this machine. Raises UsageError without a routes.yaml."""
    folder = file.parent
    if not (folder / "routes.yaml").is_file():
        raise UsageError(
            f"{folder} is no folder of flows: it has no routes.yaml.",
            "Without its neighbours, a file cannot be checked offline.",
            "Leave out --offline to check it against what is live.",
        )
    return [{**problem, "file": str(file)} for problem in _validate(folder) if problem["file"] == file.name]


def folder_warnings(folder: Path) -> list[str]:
    """What customers would miss, though the folder of flows can be published."""
    from chatflow.flows.project import load
    from chatflow.flows.validation import warnings

    add_node_types_to_path()
    return [f"{folder}/{each}" for each in warnings(load(folder))]


def _validate(folder: Path) -> list[Problem]:
    from chatflow.flows.project import load
    from chatflow.flows.validation import check

    add_node_types_to_path()
    return [problem.to_json() for problem in check(load(folder))]


def add_node_types_to_path() -> None:
    """Let `nodes` be imported. An installation has it on its path; in a bare checkout it is in `functions/`."""
    functions = Path(__file__).resolve().parents[1] / "functions"
    if (functions / "nodes").is_dir() and str(functions) not in sys.path:
        sys.path.append(str(functions))


def show_problems(context: CommandContext, problems: Sequence[Problem], consequence: str = "") -> None:
    """Print problems grouped by file, each with its line and place, then their number and the consequence."""
    output = context.output
    for file, problems_of_file in groupby(problems, key=lambda problem: str(problem.get("file", ""))):
        output.print(file or "(the whole)", style="bold")
        for problem in problems_of_file:
            line = f"line {problem['line']}" if problem.get("line") else "file"
            place = " > ".join(part for part in (problem.get("node"), problem.get("field")) if part)
            output.print(f"  {line:<9} {place}".rstrip(), style="cyan")
            output.print(f"            {problem.get('message', '')}")
        output.print("")
    output.print(f"{plural(len(problems), 'problem')}. {consequence}".rstrip(), style="red")


def publish_document(context: CommandContext, path: str, file: Path, note: str = "") -> Any:
    """Put a file at a path whose document is live at once (routes, an integration), over the present revision.

    Problems are shown and end the command with exit code 1.
    """
    text, _ = read_document(file)
    try:
        etag = context.api.request("GET", path).etag
    except NotFound:
        etag = ""
    try:
        return context.api.request(
            "PUT", path, params={"note": note}, text=text, if_match=etag, if_none_match="" if etag else "*"
        ).data
    except ValidationFailed as refusal:
        problems = refusal.problems
        context.output.result(
            {"problems": problems}, lambda _: show_problems(context, problems, "Nothing was published.")
        )
        raise typer.Exit(ExitCode.FAILED) from None


def export_document(context: CommandContext, path: str, identity: dict[str, str], file: Path | None) -> None:
    """Write the document at a path, as it was written, to a file or to stdout. `identity` goes into the JSON result."""
    text = context.api.request("GET", path, accept=YAML).text
    if file:
        file.write_text(text, encoding="utf-8")
        context.output.note(f"Written to {file}.")
        context.output.result({**identity, "file": str(file)}, lambda _: None)
    else:
        context.output.result({**identity, "yaml": text}, lambda _: typer.echo(text, nl=not text.endswith("\n")))


def list_versions(context: CommandContext, path: str, limit: int) -> None:
    """Show the versions of a flow, an integration or the routes, the newest first."""
    items = context.api.list_items(path, limit=limit)
    columns = {
        ">Version": lambda version: version.get("version"),
        "": lambda version: "live" if version.get("live") else "",
        "=Published": lambda version: format_time(version.get("published_at")),
        "By": lambda version: version.get("by"),
        "Note": lambda version: version.get("note"),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No version yet."))
