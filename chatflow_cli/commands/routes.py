"""`chatflow routes show|put|versions|rollback`: which flow a message starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatflow_cli.api import YAML
from chatflow_cli.command import command, group
from chatflow_cli.commands.flows import show_versions
from chatflow_cli.desk import Desk
from chatflow_cli.options import Limit, Note

app = group("routes", "Routes: which flow a message starts.")


@command(app, "show")
def show(desk: Desk) -> None:
    """The live routes, as they were written."""
    if desk.screen.as_json:
        desk.screen.result(desk.api.get("/routes"), lambda _: None)
    else:
        typer.echo(desk.api.ask("GET", "/routes", accept=YAML).text.rstrip())


@command(app, "put")
def put(
    desk: Desk,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="routes.yaml")],
    note: Note = "",
) -> None:
    """Make a file the live routes."""
    from chatflow_cli.documents import replace

    answer = replace(desk, "/routes", file, note)
    desk.screen.result(
        answer, lambda made: desk.screen.say(f"The routes are live as version {made.get('version')}.", style="green")
    )


@command(app, "versions")
def versions(desk: Desk, limit: Limit = 25) -> None:
    """The versions of the routes, the newest first."""
    items = desk.api.items("/routes/versions", limit=limit)
    desk.screen.result({"items": items}, lambda _: show_versions(desk, items))


@command(app, "rollback")
def rollback(desk: Desk, version: Annotated[int, typer.Argument(min=1)], note: Note = "") -> None:
    """Publish old routes again, as a new version."""
    made = desk.api.post("/routes/rollback", {"version": version, "note": note or f"Back to version {version}"})
    desk.screen.result(made, lambda made: desk.screen.say(f"The routes are live as version {made.get('version')}."))
