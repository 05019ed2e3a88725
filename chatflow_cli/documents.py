"""A document that is live as soon as it is put: routes, integrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from chatflow_cli import findings
from chatflow_cli.desk import Desk
from chatflow_cli.exits import ExitCode, NotFound
from chatflow_cli.flow_files import document
from chatflow_cli.problems import InvalidFlow


def replace(desk: Desk, where: str, file: Path, note: str = "") -> Any:
    """Put a file there, over what is there now; problems are shown and end the command with exit code 1."""
    text, _ = document(file)
    try:
        etag = desk.api.ask("GET", where).etag
    except NotFound:
        etag = ""
    try:
        return desk.api.ask(
            "PUT", where, params={"note": note}, text=text, if_match=etag, if_none_match="" if etag else "*"
        ).data
    except InvalidFlow as refusal:
        found = refusal.problems
        desk.screen.result({"problems": found}, lambda _: findings.show(desk.screen, found, "Nothing was published."))
        raise typer.Exit(ExitCode.WRONG) from None
