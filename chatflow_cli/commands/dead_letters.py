"""`chatflow dead-letters list|redrive|discard`: events that failed for good."""

from __future__ import annotations

from typing import Annotated

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command, group
from chatflow_cli.desk import Desk
from chatflow_cli.exits import Usage
from chatflow_cli.options import Limit, Sure
from chatflow_cli.wording import plural, when

app = group("dead-letters", "Dead letters: events that failed for good.")
Letter = Annotated[str, typer.Argument(help="A letter, as `dead-letters list` names it.")]


@command(app, "list")
def list_letters(desk: Desk, limit: Limit = 100) -> None:
    """Every dead letter, with the reason why it failed."""
    pages = list(desk.api.pages("/dead-letters", per_page=min(limit, 100)))
    items = [letter for page in pages for letter in page["items"]][:limit]
    hidden = max((page["hidden"] for page in pages), default=0)
    columns = {
        "Letter": lambda letter: letter["id"],
        "=Conversation": lambda letter: letter.get("conversation"),
        "Event": lambda letter: letter.get("kind"),
        "At": lambda letter: letter.get("node"),
        "=Failed": lambda letter: when(letter.get("at")),
        "State": lambda letter: letter.get("state"),
        "Reason": lambda letter: letter.get("reason"),
    }
    desk.screen.result(
        {"items": items, "hidden": hidden}, lambda _: desk.screen.table(items, columns, "No dead letter.")
    )
    if hidden:
        desk.screen.note(f"And about {hidden} more that cannot be seen now; ask again in half a minute.", style="dim")


@command(app, "redrive")
def redrive(
    desk: Desk,
    letter: Annotated[str, typer.Argument(help="A letter, as `dead-letters list` names it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Send an event again. It applies only if its session still waits where it did."""
    if bool(letter) == everything:
        raise Usage("Say one letter, or --all.")
    letters = [letter]
    if everything:
        letters = [each["id"] for each in desk.api.items("/dead-letters", limit=10_000)]
    items = [desk.api.post(path("dead-letters", each, "redrive")) for each in letters]
    desk.screen.result({"items": items}, lambda _: desk.screen.say(f"{plural(len(items), 'letter')} sent again."))


@command(app, "discard")
def discard(desk: Desk, letter: Letter, yes: Sure = False) -> None:
    """Throw a dead letter away."""
    desk.confirm(f"Throw {letter} away?", sure=yes)
    answer = desk.api.ask("DELETE", path("dead-letters", letter))
    desk.screen.result(answer.data or {}, lambda _: desk.screen.say(f"{letter} is thrown away."))
