"""`chatflow contacts erase`: everything about one contact goes."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command, group
from chatflow_cli.commands.sessions import Account, Channel
from chatflow_cli.desk import Desk, answer
from chatflow_cli.exits import NotFound
from chatflow_cli.options import Sure

app = group("contacts", "Contacts: what is kept of them.")
_LOOK_EVERY = 1.0  # seconds


@command(app, "erase")
def erase(
    desk: Desk,
    account: Account,
    channel: Channel = "whatsapp",
    wait: Annotated[int, typer.Option(help="Seconds to wait until all is gone.", min=0)] = 180,
    yes: Sure = False,
) -> None:
    """Erase everything about a contact. The address is asked for, or read from stdin; arguments end in a history."""
    contact = answer("Contact")
    desk.confirm("Erase everything about this contact? It cannot be undone.", sure=yes)
    accepted = desk.api.post("/contacts/erase", {"channel": channel, "account": account, "contact": contact})
    erasure = _carried_out(desk, accepted, wait)
    desk.screen.result(erasure or accepted, lambda _: desk.screen.say(_told(accepted["conversation"], erasure)))


def _carried_out(desk: Desk, accepted: dict[str, Any], wait: int) -> dict[str, Any] | None:
    """What was removed; None when it is not all gone yet."""
    until = time.monotonic() + wait
    where = path("conversations", accepted["conversation"], "erasure")
    while time.monotonic() < until:
        try:
            erasure: dict[str, Any] = desk.api.get(where)
        except NotFound:  # it has not begun
            erasure = {"done": False}
        if erasure["done"] and erasure["asked_at"] >= accepted["asked_at"]:  # and is not an earlier one
            return erasure
        time.sleep(_LOOK_EVERY)
    return None


def _told(conversation: str, erasure: dict[str, Any] | None) -> str:
    if erasure is None:
        return f"{conversation} will be erased, after what was written before."
    counts = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in erasure["removed"].items() if count)
    return f"{conversation} is erased: {counts or 'nothing was there'}."
