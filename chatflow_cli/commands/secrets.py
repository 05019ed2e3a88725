"""`chatflow secrets list|set|rm`: secrets that integrations refer to by name."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import UsageError
from chatflow_cli.formatting import format_list, format_time
from chatflow_cli.options import Limit, Yes
from chatflow_cli.prompts import confirm, prompt

app = group("secrets", "Secrets of your API: written, never read back.")
Secret = Annotated[str, typer.Argument(help="As in [[secret:NAME]].")]


@command(app, "list")
def list_secrets(context: CommandContext, limit: Limit = 100) -> None:
    """The names of the secrets, and when they were last set."""
    items = context.api.list_items("/secrets", limit=limit)
    columns = {
        "Secret": lambda secret: secret["name"],
        "=Set": lambda secret: format_time(secret.get("updated_at")),
        "Hosts": lambda secret: "any" if secret.get("hosts") is None else format_list(secret["hosts"]),
        "Used by": lambda secret: format_list(secret.get("used_by") or []),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No secret yet."))


@command(app, "set")
def set_secret(
    context: CommandContext,
    secret: Secret,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="HOST", help="A host that may receive it; repeat it. Without, as before."),
    ] = None,
) -> None:
    """Set a secret. Its value is asked for, or read from stdin; it is no argument, for those end in a history."""
    value = prompt(f"Value of {secret}", hidden=True) if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    if not value:
        raise UsageError("The value is empty.", "Nothing was changed.")
    body = {"value": value, **({"hosts": host} if host else {})}
    data = context.api.request("PUT", api_path("secrets", secret), json=body).data
    context.output.result(data or {}, lambda _: context.output.print(f"{secret} is set."))


@command(app, "rm")
def remove(context: CommandContext, secret: Secret, yes: Yes = False) -> None:
    """Delete a secret. Integrations that name it will fail."""
    confirm(f"Delete {secret}?", yes=yes)
    data = context.api.request("DELETE", api_path("secrets", secret)).data
    context.output.result(data or {}, lambda _: context.output.print(f"{secret} is deleted."))
