"""`chatflow integrations list|show|try|from-curl|put|export|versions|rollback|rm`: calls to the business's API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.documents import OutputFile, export_document, list_versions, publish_document, read_document
from chatflow_cli.errors import CommandError, ExitCode
from chatflow_cli.formatting import format_list, format_time
from chatflow_cli.options import Limit, Note, Yes, parse_pairs
from chatflow_cli.prompts import confirm

app = group("integrations", "Integrations: calls to your own API.")
Integration = Annotated[str, typer.Argument(help="The integration's name.")]


@command(app, "list")
def list_integrations(context: CommandContext, limit: Limit = 100) -> None:
    """Every integration, with its live version."""
    items = context.api.list_items("/integrations", limit=limit)
    columns = {
        "Integration": lambda integration: integration["name"],
        ">Live": lambda integration: integration.get("version"),
        "Call": lambda integration: f"{integration.get('method') or ''} {integration.get('url') or ''}".strip(),
        "=Published": lambda integration: format_time(integration.get("published_at")),
        "By": lambda integration: integration.get("by"),
        "Used by": lambda integration: format_list(integration.get("used_by") or []),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No integration yet."))


@command(app, "try")
def try_(
    context: CommandContext,
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
    from chatflow_cli.trial_report import show_trial

    body = {"parameters": parse_pairs(parameter or [], typed=True), "file": parse_pairs(file or [])}
    if document:
        body["document"] = read_document(document)[1]
    with context.output.spinner(f"Calling {integration}"):
        trial = context.api.post(api_path("integrations", integration, "try"), body)
    if "exit" not in trial:
        detail = "The connection broke off. The call was made once, and its result is not stored."
        raise CommandError("The trial has no result.", detail, "See your API's log, or try again.")
    context.output.result(trial, lambda trial: show_trial(context.output, trial))
    if trial.get("exit") == "failure":
        raise typer.Exit(ExitCode.FAILED)


@command(app, "from-curl")
def from_curl(
    context: CommandContext,
    file: Annotated[
        typer.FileText, typer.Argument(metavar="[FILE|-]", help="A file with the command; - reads it from stdin.")
    ] = "-",  # type: ignore[assignment]
    output: OutputFile = None,
) -> None:
    """The definition that makes the request of a curl command, as YAML. Nothing is stored or called.

    Credentials become secrets: the warnings say which ones to set. Publish the result with `put`.
    """
    answer = context.api.post("/integrations/from-curl", {"curl": file.read()})
    if "yaml" not in answer:
        raise CommandError("The command was read once, and its result is not stored.", "", "Try again.")
    for warning in answer["warnings"]:
        context.output.note(f"Warning: {warning}")
    if output:
        output.write_text(answer["yaml"], encoding="utf-8")
        context.output.note(f"Written to {output}.")
    context.output.result(answer, lambda _: None if output else typer.echo(answer["yaml"], nl=False))


@command(app, "put")
def put(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The integration's YAML file.")],
    note: Note = "",
) -> None:
    """Make a file the live integration; every live flow that uses it gets a new version with it."""
    from chatflow_cli.trial_report import show_warnings

    name = (read_document(file)[1] or {}).get("integration")
    if not isinstance(name, str) or not name:
        raise CommandError(f"{file} is no integration.", "It has no line `integration: <name>`.")
    published = publish_document(context, api_path("integrations", name), file, note)
    message = f"{name} is live as version {published.get('version')}."
    if published.get("flows"):
        message += f" New versions of: {format_list(published['flows'])}."

    def view(_: object) -> None:
        context.output.print(message, style="green")
        show_warnings(context.output, published)

    context.output.result(published, view)


@command(app, "export")
def export(context: CommandContext, integration: Integration, output: OutputFile = None) -> None:
    """An integration's document, as it was written. Secrets stand in it by name only."""
    export_document(context, api_path("integrations", integration), {"integration": integration}, output)


@command(app, "versions")
def versions(context: CommandContext, integration: Integration, limit: Limit = 25) -> None:
    """The versions of an integration, the newest first."""
    list_versions(context, api_path("integrations", integration, "versions"), limit)


@command(app, "rollback")
def rollback(
    context: CommandContext, integration: Integration, version: Annotated[int, typer.Argument(min=1)], note: Note = ""
) -> None:
    """Publish an old version again, as a new one, with the flows that use it."""
    body = {"version": version, "note": note or f"Back to version {version}"}
    published = context.api.post(api_path("integrations", integration, "rollback"), body)
    message = f"{integration} is live as version {published.get('version')}."
    context.output.result(published, lambda _: context.output.print(message))


@command(app, "rm")
def remove(context: CommandContext, integration: Integration, yes: Yes = False) -> None:
    """Delete an integration that no flow uses."""
    confirm(f"Delete {integration}?", yes=yes)
    path = api_path("integrations", integration)
    data = context.api.request("DELETE", path, if_match=context.api.request("GET", path).etag).data
    context.output.result(data or {}, lambda _: context.output.print(f"{integration} is deleted."))
