"""`chatflow sessions list|show|tail`: what happens in conversations."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from chatflow_cli.api import path
from chatflow_cli.command import command, group
from chatflow_cli.desk import Desk
from chatflow_cli.moments import moment
from chatflow_cli.options import Limit, Since, Until
from chatflow_cli.wording import when

app = group("sessions", "Sessions: what happens in conversations.")
Conversation = Annotated[str, typer.Argument(help="A conversation, as `sessions list` names it: c_...")]
Channel = Annotated[str, typer.Option(help="The channel.")]
Account = Annotated[str, typer.Option(help="Your number or bot on the channel.")]
Contact = Annotated[str, typer.Option(help="The customer's address on the channel; - reads it from stdin.")]
_LOOK_EVERY = 1.0  # seconds


@command(app, "list")
def list_sessions(
    desk: Desk,
    *,
    state: Annotated[str, typer.Option(help="waiting, continuing or ended.")] = "",
    flow: Annotated[str, typer.Option(help="Only sessions on this flow.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 25,
) -> None:
    """Sessions, the newest first."""
    items = desk.api.items("/sessions", limit=limit, state=state, flow=flow, since=moment(since), until=moment(until))
    desk.screen.result({"items": items}, lambda _: show_sessions(desk, items))


def show_sessions(desk: Desk, items: list[dict[str, Any]]) -> None:
    columns = {
        "Conversation": lambda each: each.get("conversation"),
        "State": lambda each: each.get("state"),
        "Flow": lambda each: f"{each['flow']} ({each['version']})" if each.get("flow") else "",
        "At": lambda each: each.get("at"),
        ">Turn": lambda each: each.get("turn"),
        "=Changed": lambda each: when(each.get("updated_at")),
    }
    desk.screen.table(items, columns, "No session.")


@command(app, "find")
def find(desk: Desk, contact: Contact, account: Account, channel: Channel = "whatsapp") -> None:
    """The conversation with one customer."""
    from chatflow_cli.desk import answer

    body = {"channel": channel, "account": account, "contact": answer("Contact") if contact == "-" else contact}
    found = desk.api.post("/conversations/find", body)
    desk.screen.result(found, lambda found: desk.screen.say(found["conversation"]))


@command(app, "show")
def show(
    desk: Desk,
    conversation: Conversation,
    session: Annotated[str, typer.Option(help="One session; left out, the newest.")] = "",
    limit: Limit = 200,
) -> None:
    """A conversation: its session, and the transcript turn by turn."""
    from chatflow_cli import transcripts

    found = desk.api.get(path("conversations", conversation))
    turns = desk.api.items(path("conversations", conversation, "turns"), limit=limit, session=session)
    desk.screen.result({**found, "turns": turns}, lambda shown: transcripts.show(desk.screen, shown))


@command(app, "tail")
def tail(
    desk: Desk,
    conversation: Conversation,
    past: Annotated[int, typer.Option("--past", min=0, help="So many earlier turns first.")] = 5,
) -> None:
    """Follow a conversation, turn by turn, until Ctrl-C. With --json: one document a line."""
    from chatflow_cli import transcripts
    from chatflow_cli.following import Following

    following = Following(desk.api, path("conversations", conversation, "turns"))
    earlier = following.more()
    for turn in earlier[max(len(earlier) - past, 0) :]:
        desk.screen.row(turn, lambda turn: transcripts.turn(desk.screen, turn))
    while True:
        time.sleep(_LOOK_EVERY)
        for turn in following.more():
            desk.screen.row(turn, lambda turn: transcripts.turn(desk.screen, turn))
