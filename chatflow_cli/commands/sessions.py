"""`chatflow sessions list|find|show|past|tail|start|stop|retry|give-up|pause|resume`: read and steer conversations."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from chatflow_cli.api import ManagementApi, api_path
from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.formatting import format_time
from chatflow_cli.options import DEFAULT_CHANNEL, Account, Channel, Limit, Since, Until, Yes, parse_pairs
from chatflow_cli.prompts import confirm, prompt
from chatflow_cli.time_parsing import parse_time

app = group("sessions", "Sessions: what happens in conversations.")
Conversation = Annotated[str, typer.Argument(help="A conversation, as `sessions list` names it: c_...")]
Contact = Annotated[str, typer.Option(help="The customer's address on the channel; - reads it from stdin.")]
_POLL_INTERVAL = 1.0  # seconds


@command(app, "list")
def list_sessions(
    context: CommandContext,
    *,
    state: Annotated[str, typer.Option(help="waiting, continuing, paused, ended or unreadable.")] = "",
    flow: Annotated[str, typer.Option(help="Only sessions on this flow.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 25,
) -> None:
    """Sessions, the newest first."""
    filters = {"state": state, "flow": flow, "since": parse_time(since), "until": parse_time(until)}
    items = context.api.list_items("/sessions", limit=limit, **filters)
    columns = {
        "Conversation": lambda session: session.get("conversation"),
        "State": lambda session: session.get("state"),
        "Flow": lambda session: f"{session['flow']} ({session['version']})" if session.get("flow") else "",
        "At": lambda session: session.get("at"),
        ">Turn": lambda session: session.get("turn"),
        "=Changed": lambda session: format_time(session.get("updated_at")),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No session."))


@command(app, "find")
def find(context: CommandContext, contact: Contact, account: Account, channel: Channel = DEFAULT_CHANNEL) -> None:
    """The conversation with one customer."""
    body = {"channel": channel, "account": account, "contact": _contact_address(contact)}
    data = context.api.post("/conversations/find", body)
    context.output.result(data, lambda data: context.output.print(data["conversation"]))


@command(app, "show")
def show(
    context: CommandContext,
    conversation: Conversation,
    session: Annotated[str, typer.Option(help="One session; left out, the newest.")] = "",
    limit: Limit = 200,
) -> None:
    """A conversation: its session, and the transcript turn by turn."""
    from chatflow_cli.transcripts import show_conversation

    data = context.api.get(api_path("conversations", conversation))
    turns = context.api.list_items(api_path("conversations", conversation, "turns"), limit=limit, session=session)
    context.output.result({**data, "turns": turns}, lambda data: show_conversation(context.output, data))


@command(app, "past")
def past(context: CommandContext, conversation: Conversation, limit: Limit = 100) -> None:
    """All sessions of a conversation, the newest first."""
    from chatflow_cli.transcripts import show_sessions

    items = context.api.list_items(api_path("conversations", conversation, "sessions"), limit=limit)
    context.output.result({"items": items}, lambda _: show_sessions(context.output, items))


@command(app, "tail")
def tail(
    context: CommandContext,
    conversation: Conversation,
    past: Annotated[int, typer.Option("--past", min=0, help="So many earlier turns first.")] = 5,
) -> None:
    """Follow a conversation, turn by turn, until Ctrl-C. With --json: one document a line."""
    from chatflow_cli.transcripts import show_turn

    def show_turns(turns: list[Any]) -> None:
        for turn in turns:
            context.output.stream_item(turn, lambda turn: show_turn(context.output, turn))

    follower = _TurnFollower(context.api, conversation)
    earlier = follower.new_turns()
    show_turns(earlier[max(len(earlier) - past, 0) :])
    while True:
        time.sleep(_POLL_INTERVAL)
        show_turns(follower.new_turns())


class _TurnFollower:
    """Reads the turns of a conversation as they are added at the end. A repeated read fetches the last page only."""

    def __init__(self, api: ManagementApi, conversation: str) -> None:
        self._api = api
        self._path = api_path("conversations", conversation, "turns")
        self._last_page: str | None = None  # its cursor
        self._seen: set[str] = set()

    def new_turns(self) -> list[Any]:
        """The turns that no call before returned, in order."""
        turns = []
        while True:
            page = self._api.get(self._path, limit=100, cursor=self._last_page)
            turns += [turn for turn in page["items"] if turn["id"] not in self._seen]
            self._seen |= {turn["id"] for turn in page["items"]}
            if not page["next"]:
                return turns
            self._last_page = page["next"]


@command(app, "start")
def start(
    context: CommandContext,
    *,
    flow: Annotated[str, typer.Argument(help="The flow to start.")],
    contact: Contact,
    account: Account,
    channel: Channel = DEFAULT_CHANNEL,
    variable: Annotated[
        list[str] | None, typer.Option("--variable", "-v", metavar="NAME=VALUE", help="A variable; repeat it.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="End a running session of this customer.")] = False,
) -> None:
    """Start a flow for a customer, within the channel's rules."""
    body = {
        "channel": channel,
        "account": account,
        "contact": _contact_address(contact),
        "flow": flow,
        "variables": parse_pairs(variable or [], typed=True),
        "replace": replace,
    }
    started = context.api.post("/sessions", body)
    message = f"{flow} starts: {started['conversation']}"
    context.output.result(started, lambda _: context.output.print(message))


@command(app, "stop")
def stop(context: CommandContext, conversation: Conversation, yes: Yes = False) -> None:
    """End the running session."""
    confirm(f"End the session of {conversation}?", yes=yes)
    _request_action(context, conversation, "stop", "The session will be ended.")


@command(app, "retry")
def retry(context: CommandContext, conversation: Conversation) -> None:
    """Do again what failed last."""
    _request_action(context, conversation, "retry", "It will be tried again.")


@command(app, "give-up")
def give_up(context: CommandContext, conversation: Conversation) -> None:
    """Let the node that failed take its exit for failures."""
    _request_action(context, conversation, "give-up", "The node will give up.")


@command(app, "pause")
def pause(context: CommandContext, conversation: Conversation) -> None:
    """Silence the bot, because a person talks to the customer."""
    _request_action(context, conversation, "pause", "The bot will be silent.")


@command(app, "resume")
def resume(
    context: CommandContext,
    conversation: Conversation,
    apply_messages: Annotated[
        bool, typer.Option("--apply-messages", help="The flow takes what the customer sent during the pause.")
    ] = False,
) -> None:
    """End a pause: the session goes on where it was."""
    messages = "apply" if apply_messages else ""
    _request_action(context, conversation, "resume", "The session will go on.", messages)


def _request_action(context: CommandContext, conversation: str, action: str, message: str, messages: str = "") -> None:
    answer: Any = context.api.post(api_path("conversations", conversation, action), messages=messages)
    hint = f"See: chatflow sessions tail {conversation}"
    context.output.result(answer, lambda _: context.output.print(f"{message} {hint}"))


def _contact_address(contact: str) -> str:
    return prompt("Contact") if contact == "-" else contact
