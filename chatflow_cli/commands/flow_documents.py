"""`chatflow flows validate|import|publish|export`: the document itself, as people write it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chatflow_cli import findings
from chatflow_cli.api import YAML, path
from chatflow_cli.command import command
from chatflow_cli.commands.flows import Flow, app
from chatflow_cli.desk import Desk
from chatflow_cli.exits import ExitCode, Usage
from chatflow_cli.options import Note
from chatflow_cli.problems import InvalidFlow

Document = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The flow's YAML file.")]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="Let a flow without nodes replace one with nodes.")]
OverDraft = Annotated[bool, typer.Option("--over-draft", help="Replace the unpublished draft of someone else.")]


@command(app, "validate")
def validate(
    desk: Desk,
    where: Annotated[Path, typer.Argument(exists=True, metavar="FILE|FOLDER", help="A flow, or a folder of them.")],
    offline: Annotated[bool, typer.Option("--offline", help="Check FILE among the files of its own folder.")] = False,
) -> None:
    """Name every problem of a flow, with its line, node and field.

    A folder is checked as a whole on this machine, and needs no login; a file is checked against what is live.
    """
    from chatflow_cli.flow_files import problems_of_file, problems_of_folder, read

    if where.is_dir():
        problems = problems_of_folder(where)
    elif offline:
        problems = problems_of_file(where)
    else:
        document = read(where)
        answer = desk.api.post(path("flows", document.name, "validate"), {"yaml": document.text})
        problems = _here(where, answer["problems"])
    _conclude(desk, problems, f"{where}: no problem.", "")


@command(app, "import")
def import_(desk: Desk, file: Document, allow_empty: AllowEmpty = False, over_draft: OverDraft = False) -> None:
    """Make a file the flow's draft, for others to go on with. Nothing is published."""
    from chatflow_cli.drafts import put
    from chatflow_cli.flow_files import read

    document = read(file)
    draft = put(desk.api, document, allow_empty=allow_empty, over_draft=over_draft)
    desk.screen.result(draft.data or {}, lambda _: desk.screen.say(f"The draft of {document.name} is {file}."))


@command(app, "publish")
def publish(
    desk: Desk,
    file: Document,
    note: Note = "",
    allow_empty: AllowEmpty = False,
    over_draft: OverDraft = False,
) -> None:
    """Check a file, make it the flow's draft, and publish that as a new version."""
    from chatflow_cli.drafts import put
    from chatflow_cli.flow_files import read

    document = read(file)
    checked = desk.api.post(path("flows", document.name, "validate"), {"yaml": document.text})
    if checked["problems"]:
        _conclude(desk, _here(file, checked["problems"]), "", "Nothing was published.")
    draft = put(desk.api, document, allow_empty=allow_empty, over_draft=over_draft)
    try:
        version = desk.api.ask(
            "POST", path("flows", document.name, "publish"), json={"note": note}, if_match=draft.etag
        ).data
    except InvalidFlow as refusal:  # something that it uses went away in between
        _conclude(desk, _here(file, refusal.problems), "", "Nothing was published; the draft is kept.")
        raise
    words = f"{document.name} is live as version {version.get('version')}."
    desk.screen.result(version, lambda _: desk.screen.say(words, style="green"))


@command(app, "export")
def export(
    desk: Desk,
    flow: Flow,
    version: Annotated[int, typer.Option("--version", "-v", min=0, help="Left out, the live one.")] = 0,
    draft: Annotated[bool, typer.Option("--draft", help="The draft instead of a version.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file, instead of stdout.")] = None,
) -> None:
    """A flow's document, as it was written."""
    if draft and version:
        raise Usage("Either --draft or --version.")
    where = path("flows", flow, "draft")
    if not draft:
        number = version or desk.api.get(path("flows", flow)).get("version")
        if not number:
            raise Usage(f"{flow} is not live.", advice="Say which: --version N, or --draft")
        where = path("flows", flow, "versions", number)
    text = desk.api.ask("GET", where, accept=YAML).text
    if output:
        output.write_text(text, encoding="utf-8")
        desk.screen.note(f"Written to {output}.")
        desk.screen.result({"flow": flow, "file": str(output)}, lambda _: None)
    else:
        desk.screen.result({"flow": flow, "yaml": text}, lambda _: typer.echo(text, nl=not text.endswith("\n")))


def _here(file: Path, problems: list[Any]) -> list[Any]:
    """Problems of the document under the name of the file that a person has it in."""
    return [{**problem, "file": str(file)} if problem.get("line") else problem for problem in problems]


def _conclude(desk: Desk, problems: list[Any], fine: str, consequence: str) -> None:
    """Show what was found; ends the command with exit code 1 when that is anything."""

    def view(_: Any) -> None:
        if problems:
            findings.show(desk.screen, problems, consequence)
        else:
            desk.screen.say(fine, style="green")

    desk.screen.result({"problems": problems}, view)
    if problems:
        raise typer.Exit(ExitCode.WRONG)
