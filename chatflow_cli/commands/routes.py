"""`chatflow routes show|put|versions|rollback`: which flow a message starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatflow_cli.api import YAML
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.documents import list_versions, publish_document
from chatflow_cli.options import Limit, Note

app = group("routes", "Routes: which flow a message starts.")


@command(app, "show")
def show(context: CommandContext) -> None:
    """The live routes, as they were written."""
    if context.output.as_json:
        context.output.result(context.api.get("/routes"), lambda _: None)
    else:
        typer.echo(context.api.request("GET", "/routes", accept=YAML).text.rstrip())


@command(app, "put")
def put(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="routes.yaml")],
    note: Note = "",
) -> None:
    """Make a file the live routes."""
    published = publish_document(context, "/routes", file, note)
    message = f"The routes are live as version {published.get('version')}."
    context.output.result(published, lambda _: context.output.print(message, style="green"))


@command(app, "versions")
def versions(context: CommandContext, limit: Limit = 25) -> None:
    """The versions of the routes, the newest first."""
    list_versions(context, "/routes/versions", limit)


@command(app, "rollback")
def rollback(context: CommandContext, version: Annotated[int, typer.Argument(min=1)], note: Note = "") -> None:
    """Publish old routes again, as a new version."""
    body = {"version": version, "note": note or f"Back to version {version}"}
    published = context.api.post("/routes/rollback", body)
    message = f"The routes are live as version {published.get('version')}."
    context.output.result(published, lambda _: context.output.print(message))
