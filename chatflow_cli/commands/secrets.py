"""`chatflow secrets list|set|rm`: what integrations know by name only."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command, group
from chatflow_cli.desk import Desk, answer
from chatflow_cli.exits import Usage
from chatflow_cli.options import Limit, Sure
from chatflow_cli.wording import listing, when

app = group("secrets", "Secrets of your API: written, never read back.")
Secret = Annotated[str, typer.Argument(help="As in [[secret:NAME]].")]


@command(app, "list")
def list_secrets(desk: Desk, limit: Limit = 100) -> None:
    """The names of the secrets, and when they were last set."""
    items = desk.api.items("/secrets", limit=limit)
    columns = {
        "Secret": lambda secret: secret["name"],
        "=Set": lambda secret: when(secret.get("updated_at")),
        "By": lambda secret: secret.get("by"),
        "Used by": lambda secret: listing(secret.get("used_by") or []),
    }
    desk.screen.result({"items": items}, lambda _: desk.screen.table(items, columns, "No secret yet."))


@command(app, "set")
def set_secret(desk: Desk, secret: Secret) -> None:
    """Set a secret. Its value is asked for, or read from stdin; it is no argument, for those end in a history."""
    value = answer(f"Value of {secret}", hidden=True) if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    if not value:
        raise Usage("The value is empty.", "Nothing was changed.")
    where = path("secrets", secret)
    made = desk.api.ask("PUT", where, json={"value": value}).data or {}
    desk.screen.result(made, lambda _: desk.screen.say(f"{secret} is set."))


@command(app, "rm")
def remove(desk: Desk, secret: Secret, yes: Sure = False) -> None:
    """Delete a secret. Integrations that name it will fail."""
    desk.confirm(f"Delete {secret}?", sure=yes)
    answer = desk.api.ask("DELETE", path("secrets", secret))
    desk.screen.result(answer.data or {}, lambda _: desk.screen.say(f"{secret} is deleted."))
