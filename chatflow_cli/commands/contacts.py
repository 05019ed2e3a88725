"""`chatflow contacts erase`: erases everything about one contact."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import NotFound
from chatflow_cli.options import DEFAULT_CHANNEL, Account, Channel, Yes
from chatflow_cli.prompts import confirm, prompt

app = group("contacts", "Contacts: what is kept of them.")
_POLL_INTERVAL = 1.0  # seconds


@command(app, "erase")
def erase(
    context: CommandContext,
    account: Account,
    channel: Channel = DEFAULT_CHANNEL,
    wait: Annotated[int, typer.Option(help="Seconds to wait until all is gone.", min=0)] = 180,
    yes: Yes = False,
) -> None:
    """Erase everything about a contact. The address is asked for, or read from stdin; arguments end in a history."""
    contact = prompt("Contact")
    confirm("Erase everything about this contact? It cannot be undone.", yes=yes)
    accepted = context.api.post("/contacts/erase", {"channel": channel, "account": account, "contact": contact})
    erasure = _wait_for_erasure(context, accepted, wait)
    message = _message(accepted["conversation"], erasure)
    context.output.result(erasure or accepted, lambda _: context.output.print(message))


def _wait_for_erasure(context: CommandContext, accepted: dict[str, Any], wait: int) -> dict[str, Any] | None:
    """The completed erasure; None when it is not complete after `wait` seconds."""
    deadline = time.monotonic() + wait
    path = api_path("conversations", accepted["conversation"], "erasure")
    while time.monotonic() < deadline:
        try:
            erasure: dict[str, Any] = context.api.get(path)
        except NotFound:  # it has not begun
            erasure = {"done": False}
        if erasure["done"] and erasure["asked_at"] >= accepted["asked_at"]:  # an earlier request does not count
            return erasure
        time.sleep(_POLL_INTERVAL)
    return None


def _message(conversation: str, erasure: dict[str, Any] | None) -> str:
    if erasure is None:
        return f"{conversation} will be erased, after what was written before."
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in erasure["removed"].items() if count)
    return f"{conversation} is erased: {counts or 'nothing was there'}."
