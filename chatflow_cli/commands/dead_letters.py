"""`chatflow dead-letters list|redrive|discard`: events that failed for good."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import Conflict, NotFound, UsageError
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
    """Send an event again, or all, the oldest first. It applies only if its session still waits where it did."""
    if bool(letter) == everything:
        raise UsageError("Say one letter, or --all.")
    stale: list[Any] = []
    if letter:
        items = [context.api.post(api_path("dead-letters", letter, "redrive"))]
    else:
        items, stale = _redrive_all(context)
    context.output.result(
        {"items": items, "stale": stale}, lambda _: context.output.print(f"{plural(len(items), 'letter')} sent again.")
    )
    for each in stale:
        context.output.note(f"{each['id']} was not sent: {each['reason']}", style="dim")


def _redrive_all(context: CommandContext) -> tuple[list[Any], list[Any]]:
    """Redrive every letter that still applies; returns what was accepted, and the letters that were refused.

    The list has the newest first. The oldest goes first, so that each letter finds its session where it failed.
    """
    items, stale = [], []
    for each in reversed(context.api.list_items("/dead-letters", limit=10_000)):
        try:
            items.append(context.api.post(api_path("dead-letters", each["id"], "redrive")))
        except (Conflict, NotFound) as problem:
            stale.append({"id": each["id"], "reason": problem.detail or problem.title})
    return items, stale


@command(app, "discard")
def discard(context: CommandContext, letter: Letter, yes: Yes = False) -> None:
    """Throw a dead letter away."""
    confirm(f"Throw {letter} away?", yes=yes)
    data = context.api.request("DELETE", api_path("dead-letters", letter)).data
    context.output.result(data or {}, lambda _: context.output.print(f"{letter} is thrown away."))
