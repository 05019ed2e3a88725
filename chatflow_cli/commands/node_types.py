"""`chatflow node-types`: what nodes can do in this deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from chatflow_cli.command import CommandContext, command
from chatflow_cli.formatting import format_list
from chatflow_cli.options import Limit


def add_to(app: typer.Typer) -> None:
    """Register the command at the top level, without a group."""
    command(app, "node-types")(node_types)


def node_types(context: CommandContext, limit: Limit = 100) -> None:
    """The node types of this deployment. With --json, also the JSON Schema of each."""
    items = context.api.list_items("/node-types", limit=limit)
    columns = {
        "Type": lambda each: each["name"],
        "What it does": lambda each: each.get("about"),
        "Exits": lambda each: format_list(_exits(each)),
        "Waits": lambda each: "yes" if any(variant["waits"] for variant in each["variants"]) else "",
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No node type."))


def _exits(node_type: Mapping[str, Any]) -> list[str]:
    """The exits of all variants, each once; one that a field's entries give is shown by that field."""
    exits = [exit for variant in node_type["variants"] for exit in variant["exits"]]
    return list(dict.fromkeys(f"one per entry of {exit['each']}" if exit["each"] else exit["name"] for exit in exits))
