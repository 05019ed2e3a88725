"""`chatflow audit`: who changed what."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.command import command
from chatflow_cli.desk import Desk
from chatflow_cli.options import Limit
from chatflow_cli.wording import when


def add_to(app: typer.Typer) -> None:
    """It stands at the top, not in a group."""
    command(app, "audit")(audit)


def audit(
    desk: Desk,
    since: Annotated[str, typer.Option(help="A time, such as 2026-11-22T18:00:00Z.")] = "",
    who: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    limit: Limit = 50,
) -> None:
    """Who changed what, the newest first. Needs the role admin."""
    items = desk.api.items("/audit", limit=limit, since=since, who=who)
    columns = {
        "When": lambda row: when(row.get("at") or row.get("time")),
        "Who": lambda row: row.get("who"),
        "What": lambda row: row.get("action") or row.get("operation"),
        "On": lambda row: row.get("subject") or row.get("path"),
        "Outcome": lambda row: row.get("outcome") or row.get("state"),
        "Detail": lambda row: row.get("detail"),
    }
    desk.screen.result({"items": items}, lambda _: desk.screen.table(items, columns, "No change."))
