"""`chatflow audit`: who changed what."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.command import command
from chatflow_cli.desk import Desk
from chatflow_cli.moments import moment
from chatflow_cli.options import Limit, Since
from chatflow_cli.wording import pairs, when


def add_to(app: typer.Typer) -> None:
    """It stands at the top, not in a group."""
    command(app, "audit")(audit)


def audit(
    desk: Desk,
    since: Since = "",
    who: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    limit: Limit = 50,
) -> None:
    """Who changed what, the newest first. Needs the role admin."""
    items = desk.api.items("/audit", limit=limit, since=moment(since), who=who)
    columns = {
        "=When": lambda row: when(row.get("at")),
        "Who": lambda row: row.get("who"),
        "What": lambda row: row.get("operation"),
        "On": lambda row: pairs(row.get("target")),
        "Outcome": lambda row: row.get("outcome"),
        ">Status": lambda row: row.get("status"),
        "More": lambda row: pairs(row.get("facts")),
    }
    desk.screen.result({"items": items}, lambda _: desk.screen.table(items, columns, "No change."))
