"""`chatflow contacts erase`: erases everything about one contact."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from chatflow_cli.api import api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import ExitCode, NotFound
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
    """Erase everything about a contact, by any of their addresses.

    The address is asked for, or read from stdin; arguments end in a history. Exit code 7: there was nothing to erase.
    """
    contact = prompt("Contact")
    confirm("Erase everything about this contact? It cannot be undone.", yes=yes)
    accepted = context.api.post("/contacts/erase", {"channel": channel, "account": account, "contact": contact})
    deadline = time.monotonic() + wait
    conversations = [accepted["conversation"], *accepted.get("others", ())]
    erasures = {each: _wait_for_erasure(context, each, accepted["asked_at"], deadline) for each in conversations}
    messages = [_message(each, erasure) for each, erasure in erasures.items()]
    if accepted.get("earlier"):
        messages.append(
            "The number belonged to another conversation before, which was not erased, since it may be another "
            f"person's: {', '.join(accepted['earlier'])}."
        )
    context.output.result(erasures[conversations[0]] or accepted, lambda _: context.output.print("\n".join(messages)))
    if not any(erasure is None or any(erasure["removed"].values()) for erasure in erasures.values()):
        raise typer.Exit(ExitCode.NOTHING_ERASED)


def _wait_for_erasure(
    context: CommandContext, conversation: str, asked_at: str, deadline: float
) -> dict[str, Any] | None:
    """The completed erasure; None when it is not complete at the deadline."""
    path = api_path("conversations", conversation, "erasure")
    while time.monotonic() < deadline:
        try:
            erasure: dict[str, Any] = context.api.get(path)
        except NotFound:  # it has not begun
            erasure = {"done": False}
        if erasure["done"] and erasure["asked_at"] >= asked_at:  # an earlier request does not count
            return erasure
        time.sleep(_POLL_INTERVAL)
    return None


def _message(conversation: str, erasure: dict[str, Any] | None) -> str:
    if erasure is None:
        return f"{conversation} will be erased, after what was written before."
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in erasure["removed"].items() if count)
    if not counts:
        return f"{conversation} is erased: nothing was there. Is it the right account, and do you know another address?"
    return f"{conversation} is erased: {counts}."
