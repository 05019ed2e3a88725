"""`chatflow dead-letters list|redrive|discard`: events that failed for good."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import UsageError
from chatflow_cli.formatting import format_time, plural
from chatflow_cli.options import Limit, Yes
from chatflow_cli.prompts import confirm

app = group("dead-letters", "Dead letters: events that failed for good.")
Letter = Annotated[str, typer.Argument(help="A letter, as `dead-letters list` names it.")]


@command(app, "list")
def list_dead_letters(context: CommandContext, limit: Limit = 100) -> None:
    """Every dead letter, with the reason why it failed."""
    pages = list(context.api.pages("/dead-letters", page_size=min(limit, 100)))
    items = [letter for page in pages for letter in page["items"]][:limit]
    hidden = max((page["hidden"] for page in pages), default=0)
    columns = {
        "Letter": lambda letter: letter["id"],
        "=Conversation": lambda letter: letter.get("conversation"),
        "Event": lambda letter: letter.get("kind"),
        "At": lambda letter: letter.get("node"),
        "=Failed": lambda letter: format_time(letter.get("at")),
        "State": lambda letter: letter.get("state"),
        "Reason": lambda letter: letter.get("reason"),
    }
    context.output.result(
        {"items": items, "hidden": hidden}, lambda _: context.output.table(items, columns, "No dead letter.")
    )
    if hidden:
        context.output.note(
            f"And about {hidden} more that cannot be seen now; ask again in half a minute.", style="dim"
        )


@command(app, "redrive")
def redrive(
    context: CommandContext,
    letter: Letter = "",
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Send an event again. It applies only if its session still waits where it did."""
    if bool(letter) == everything:
        raise UsageError("Say one letter, or --all.")
    letters = [letter]
    if everything:
        letters = [item["id"] for item in context.api.list_items("/dead-letters", limit=10_000)]
    items = [context.api.post(api_path("dead-letters", each, "redrive")) for each in letters]
    context.output.result(
        {"items": items}, lambda _: context.output.print(f"{plural(len(items), 'letter')} sent again.")
    )


@command(app, "discard")
def discard(context: CommandContext, letter: Letter, yes: Yes = False) -> None:
    """Throw a dead letter away."""
    confirm(f"Throw {letter} away?", yes=yes)
    data = context.api.request("DELETE", api_path("dead-letters", letter)).data
    context.output.result(data or {}, lambda _: context.output.print(f"{letter} is thrown away."))
