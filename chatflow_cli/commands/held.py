"""`chatflow held list|hosts|retry|give-up`: calls that wait until a business's API works again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.errors import UsageError
from chatflow_cli.formatting import format_list, format_time, plural
from chatflow_cli.options import Limit, Yes
from chatflow_cli.prompts import confirm

app = group("held", "Held calls: they wait until a business's API works again.")
Conversation = Annotated[str, typer.Argument(help="A conversation, as `held list` names it: c_...")]
Host = Annotated[str, typer.Option(help="Of this host, such as api.example.com; with a port unless it is 443.")]


@command(app, "list")
def list_held(context: CommandContext, *, host: Host = "", limit: Limit = 100) -> None:
    """What is held, by host, the oldest first: since when, why, and when it is tried again."""
    items = context.api.list_items("/held", limit=limit, host=_with_port(host))
    columns = {
        "=Conversation": lambda call: call.get("conversation"),
        "Host": lambda call: call.get("host"),
        "At": lambda call: f"{call['flow']}/{call['node']}",
        "=Since": lambda call: format_time(call.get("since")),
        "Reason": lambda call: call.get("reason"),
        ">Tries": lambda call: call.get("tries"),
        "=Next": lambda call: format_time(call.get("next")),
        "=Until": lambda call: format_time(call.get("until")),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "Nothing is held."))


@command(app, "hosts")
def hosts(context: CommandContext, *, limit: Limit = 100) -> None:
    """The hosts of the APIs: whether calls are let through, and how many are there."""
    items = context.api.list_items("/hosts", limit=limit)
    columns = {
        "Host": lambda host: host.get("host"),
        "Breaker": _breaker,
        "=Until": lambda host: format_time(host.get("until")),
        ">In use": lambda host: f"{host['in_use']} of {host['slots']}",
        ">Held": lambda host: host.get("held"),
        "Integrations": lambda host: format_list(host.get("integrations")),
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns, "No host."))


@command(app, "retry")
def retry(context: CommandContext, conversation: Conversation = "", *, host: Host = "", yes: Yes = False) -> None:
    """Try a held call now, or all of a host."""
    _act(context, "retry", conversation, host, yes=yes)


@command(app, "give-up")
def give_up(context: CommandContext, conversation: Conversation = "", *, host: Host = "", yes: Yes = False) -> None:
    """Give a held call up, or all of a host: its flow goes on by the exit `failure`, with the reason `outage`."""
    _act(context, "give-up", conversation, host, yes=yes)


def _act(context: CommandContext, action: str, conversation: str, host: str, *, yes: bool) -> None:
    if bool(conversation) == bool(host):
        raise UsageError("Say one conversation, or --host.")
    done = "tried again" if action == "retry" else "given up"
    if conversation:
        answer = context.api.post(f"/held/{action}", {"conversation": conversation})
        hint = f"It will be {done}. See: chatflow sessions tail {conversation}"
        context.output.result(answer, lambda _: context.output.print(hint))
        return
    host = _with_port(host)
    question = f"Try all held calls to {host} now?" if action == "retry" else f"Give all held calls to {host} up?"
    confirm(question, yes=yes)
    sent = 0
    body: dict[str, Any] = {"host": host}
    while True:
        answer = context.api.post(f"/held/{action}", body)
        sent += answer["sent"]
        if not answer["next"]:
            break
        body = {"host": host, "cursor": answer["next"]}
    message = f"{plural(sent, 'held call')} to {host} will be {done}."
    context.output.result({"host": host, "sent": sent}, lambda _: context.output.print(message))


def _breaker(host: dict[str, Any]) -> str:
    """The breaker, and of how many parts of the host, where only some refuse calls."""
    state = str(host["breaker"]).replace("_", "-")
    partly = host["breaker"] == "open" and host["open_cells"] < host["cells"]
    return f"{state} ({host['open_cells']} of {host['cells']})" if partly else state


def _with_port(host: str) -> str:
    return f"{host}:443" if host and ":" not in host else host
