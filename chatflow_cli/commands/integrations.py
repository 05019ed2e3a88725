"""`chatflow integrations list|show|try|put|export|versions|rollback|rm`: calls to the business's API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatflow_cli.api import YAML, path
from chatflow_cli.command import command, group
from chatflow_cli.commands.flows import show_versions
from chatflow_cli.desk import Desk
from chatflow_cli.exits import ExitCode
from chatflow_cli.options import Limit, Note, Sure
from chatflow_cli.wording import listing, when

app = group("integrations", "Integrations: calls to your own API.")
Integration = Annotated[str, typer.Argument(help="The integration's name.")]


@command(app, "list")
def list_integrations(desk: Desk, limit: Limit = 100) -> None:
    """Every integration, with its live version."""
    items = desk.api.items("/integrations", limit=limit)
    columns = {
        "Integration": lambda each: each["name"],
        ">Live": lambda each: each.get("version"),
        "Call": lambda each: f"{each.get('method') or ''} {each.get('url') or ''}".strip(),
        "=Published": lambda each: when(each.get("published_at")),
        "By": lambda each: each.get("by"),
        "Used by": lambda each: listing(each.get("used_by") or []),
    }
    desk.screen.result({"items": items}, lambda _: desk.screen.table(items, columns, "No integration yet."))


@command(app, "try")
def try_(
    desk: Desk,
    integration: Integration,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A sample value; repeat it.")
    ] = None,
    file: Annotated[
        list[str] | None, typer.Option("--file", "-f", metavar="NAME=ASSET", help="An asset as the sample file.")
    ] = None,
    document: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A definition that is not saved yet.")
    ] = None,
) -> None:
    """Run the call with sample values: the exact request, the answer, and the exit that a flow would take.

    The call is real. Exit code 1 when a flow would take the exit `failure`.
    """
    from chatflow_cli import flow_files, trials

    body = {"parameters": trials.samples(parameter or [], as_json=True), "file": trials.samples(file or [])}
    if document:
        body["document"] = flow_files.document(document)[1]
    with desk.screen.patience(f"Calling {integration}"):
        trial = desk.api.post(path("integrations", integration, "try"), body)
    desk.screen.result(trial, lambda trial: trials.show(desk.screen, trial))
    if trial.get("exit") == "failure":
        raise typer.Exit(ExitCode.WRONG)


@command(app, "put")
def put(
    desk: Desk,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The integration's YAML file.")],
    note: Note = "",
) -> None:
    """Make a file the live integration; every live flow that uses it gets a new version with it."""
    from chatflow_cli import documents, flow_files
    from chatflow_cli.exits import Failure

    name = (flow_files.document(file)[1] or {}).get("integration")
    if not isinstance(name, str) or not name:
        raise Failure(f"{file} is no integration.", "It has no line `integration: <name>`.")
    made = documents.replace(desk, path("integrations", name), file, note)
    words = f"{name} is live as version {made.get('version')}."
    if made.get("flows"):
        words += f" New versions of: {listing(made['flows'])}."
    desk.screen.result(made, lambda _: desk.screen.say(words, style="green"))


@command(app, "export")
def export(
    desk: Desk,
    integration: Integration,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file, instead of stdout.")] = None,
) -> None:
    """An integration's document, as it was written. Secrets stand in it by name only."""
    text = desk.api.ask("GET", path("integrations", integration), accept=YAML).text
    if output:
        output.write_text(text, encoding="utf-8")
        desk.screen.note(f"Written to {output}.")
        desk.screen.result({"integration": integration, "file": str(output)}, lambda _: None)
    else:
        desk.screen.result(
            {"integration": integration, "yaml": text}, lambda _: typer.echo(text, nl=not text.endswith("\n"))
        )


@command(app, "versions")
def versions(desk: Desk, integration: Integration, limit: Limit = 25) -> None:
    """The versions of an integration, the newest first."""
    items = desk.api.items(path("integrations", integration, "versions"), limit=limit)
    desk.screen.result({"items": items}, lambda _: show_versions(desk, items))


@command(app, "rollback")
def rollback(
    desk: Desk, integration: Integration, version: Annotated[int, typer.Argument(min=1)], note: Note = ""
) -> None:
    """Publish an old version again, as a new one, with the flows that use it."""
    body = {"version": version, "note": note or f"Back to version {version}"}
    made = desk.api.post(path("integrations", integration, "rollback"), body)
    desk.screen.result(made, lambda made: desk.screen.say(f"{integration} is live as version {made.get('version')}."))


@command(app, "rm")
def remove(desk: Desk, integration: Integration, yes: Sure = False) -> None:
    """Delete an integration that no flow uses."""
    desk.confirm(f"Delete {integration}?", sure=yes)
    where = path("integrations", integration)
    answer = desk.api.ask("DELETE", where, if_match=desk.api.ask("GET", where).etag)
    desk.screen.result(answer.data or {}, lambda _: desk.screen.say(f"{integration} is deleted."))
