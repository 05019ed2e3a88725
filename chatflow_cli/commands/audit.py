"""`chatflow audit`: who changed what."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.command import CommandContext, command
from chatflow_cli.formatting import format_pairs, format_time
from chatflow_cli.options import Limit, Since
from chatflow_cli.time_parsing import parse_time


def add_to(app: typer.Typer) -> None:
    """Register the command at the top level, without a group."""
    command(app, "audit")(audit)


def audit(
    context: CommandContext,
    since: Since = "",
    who: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    limit: Limit = 50,
) -> None:
    """Who changed what, the newest first. Needs the role admin."""
    items = context.api.list_items("/audit", limit=limit, since=parse_time(since), who=who)
    columns = {
        "=When": lambda entry: format_time(entry.get("at")),
        "Who": lambda entry: entry.get("who"),
        "What": lambda entry: entry.get("operation"),
        "On": lambda entry: format_pairs(entry.get("target")),
        "Outcome": lambda entry: entry.get("outcome"),
        ">Status": lambda entry: entry.get("status"),
        "More": lambda entry: format_pairs(entry.get("facts")),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No change."))
