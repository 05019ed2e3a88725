"""`chatflow sessions start|stop|retry|give-up`: what an operator does to a conversation."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command
from chatflow_cli.commands.sessions import Account, Channel, Contact, Conversation, app
from chatflow_cli.desk import Desk
from chatflow_cli.options import Sure


@command(app, "start")
def start(
    desk: Desk,
    *,
    flow: Annotated[str, typer.Argument(help="The flow to start.")],
    contact: Contact,
    account: Account,
    channel: Channel = "whatsapp",
    variable: Annotated[
        list[str] | None, typer.Option("--variable", "-v", metavar="NAME=VALUE", help="A variable; repeat it.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="End a running session of this customer.")] = False,
) -> None:
    """Start a flow for a customer, within the channel's rules."""
    from chatflow_cli.desk import answer
    from chatflow_cli.trials import samples

    body = {
        "channel": channel,
        "account": account,
        "contact": answer("Contact") if contact == "-" else contact,
        "flow": flow,
        "variables": samples(variable or [], as_json=True),
        "replace": replace,
    }
    started = desk.api.post("/sessions", body)
    desk.screen.result(started, lambda made: desk.screen.say(f"{flow} starts: {made['conversation']}"))


@command(app, "stop")
def stop(desk: Desk, conversation: Conversation, yes: Sure = False) -> None:
    """End the running session."""
    desk.confirm(f"End the session of {conversation}?", sure=yes)
    _operate(desk, conversation, "stop", "The session will be ended.")


@command(app, "retry")
def retry(desk: Desk, conversation: Conversation) -> None:
    """Do again what failed last."""
    _operate(desk, conversation, "retry", "It will be tried again.")


@command(app, "give-up")
def give_up(desk: Desk, conversation: Conversation) -> None:
    """Let the node that failed take its exit for failures."""
    _operate(desk, conversation, "give-up", "The node will give up.")


def _operate(desk: Desk, conversation: str, action: str, words: str) -> None:
    answer: Any = desk.api.post(path("conversations", conversation, action))
    desk.screen.result(answer, lambda _: desk.screen.say(f"{words} See: chatflow sessions tail {conversation}"))
