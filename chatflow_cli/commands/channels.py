"""`chatflow channels connect|list|check|rotate|disconnect`: the accounts that are connected, with AWS credentials."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatflow_cli.command import CommandContext, command, group
from chatflow_cli.documents import show_problems
from chatflow_cli.errors import CommandError, ExitCode, UsageError
from chatflow_cli.formatting import format_time
from chatflow_cli.options import Yes
from chatflow_cli.prompts import confirm, prompt

if TYPE_CHECKING:
    from chatflow_cli.channels.account_secrets import ConnectedAccount
    from chatflow_cli.channels.deployment import Deployment

app = group("channels", "Your numbers and bots: their credentials, in the AWS account of your shell.")
Channel = Annotated[str, typer.Argument(help="The channel.")]
AnyChannel = Annotated[str, typer.Argument(help="The channel; left out, all.")]
Account = Annotated[str, typer.Option(help="Your number or bot; left out, the only one.")]
NewAccount = Annotated[str, typer.Option(help="Your number or bot; left out, it is asked for.")]
Field = Annotated[str, typer.Argument(help="The field of the secret.")]
Stage = Annotated[str, typer.Option(help="The stage, as `make deploy STAGE=` names it.")]
Url = Annotated[str, typer.Option(help="The channel's API, when it is a stand-in.")]
# What a channel's older secret serves beside the account that it names. Which these are, only the channel knows.
_OTHERS_SERVED = "every other account of its app that has no secret of its own"
Finish = Annotated[bool, typer.Option("--finish", help="Drop the old value: the channel uses the new one.")]


@command(app, "connect")
def connect(
    context: CommandContext, channel: Channel, account: NewAccount = "", stage: Stage = "dev", url: Url = ""
) -> None:
    """Check and store the credentials of an account, and say what is left to do in the channel's console.

    They are asked for, or read from stdin, a line each; Enter keeps what is stored.
    """
    from chatflow_cli.channels import connecting, live_flows

    def ask(field: str, where: str, hidden: bool, is_stored: bool) -> str:
        context.output.note(f"\n{field}", style="bold")
        context.output.note(where, style="dim")
        return prompt("Enter keeps what is stored" if is_stored else field, hidden=hidden, optional=True).strip()

    deployment = _deployment(stage, url)
    connected = connecting.connect(deployment, channel, account, ask)
    problems: list[dict[str, Any]] = []
    warnings: list[str] = []
    try:
        problems, warnings = live_flows.flow_problems(deployment, channel)
    except CommandError as error:  # the account is connected all the same
        warnings = [f"The live flows were not checked for this channel. {error.title} {error.detail}".strip()]

    def show(_: Any) -> None:
        context.output.print(f"\n{connected.name} is connected.", style="bold green")
        context.output.print(f"The secret {connected.secret} holds its credentials.")
        context.output.print(f"Its webhook is {connected.webhook_url}")
        _show_steps(context, connected.steps)
        if problems:
            context.output.print("\nLive flows that do not fit this channel. They stay as they are.\n", style="bold")
            show_problems(context, problems, f"After mending them: chatflow flows problems {channel}")
        for warning in warnings:
            context.output.print(f"Warning: {warning}", style="yellow")

    context.output.result({**asdict(connected), "flow_problems": problems, "warnings": warnings}, show)


@command(app, "list")
def list_accounts(context: CommandContext, channel: AnyChannel = "", stage: Stage = "dev") -> None:
    """The connected accounts, and since when. No secret is shown."""
    accounts = _accounts(_deployment(stage), channel)
    columns = {
        "Channel": lambda each: each["channel"],
        "Account": lambda each: each["account"],
        "=Connected": lambda each: format_time(each["since"]),
        "Name": lambda each: each["name"],
        "Secret": lambda each: each["secret"],
    }
    items = [asdict(each) for each in accounts]

    def show(_: Any) -> None:
        context.output.table(items, columns, "No account is connected.")
        for each in accounts:
            if each.older:
                context.output.print(f"The secret of {each.account} also serves {_OTHERS_SERVED}.")

    context.output.result({"items": items}, show)


@command(app, "check")
def check(
    context: CommandContext, channel: AnyChannel = "", account: Account = "", stage: Stage = "dev", url: Url = ""
) -> None:
    """Whether the channels still accept the credentials, and whether the webhooks answer. Exit code 1 if not."""
    from chatflow_cli.channels import checking

    deployment = _deployment(stage, url)
    accounts = [each for each in _accounts(deployment, channel) if account in ("", each.account)]
    if not accounts:
        raise UsageError("No such account is connected.", advice="See which are: chatflow channels list")
    items = []
    for each in accounts:
        with context.output.spinner(f"Checking {each.channel} {each.account}"):
            checked = checking.check(deployment, each)
        texts = {"name": checked.name, "credentials": checked.credentials, "webhook": checked.webhook}
        items.append({"channel": each.channel, "account": each.account, **texts})
    columns = {
        "Channel": lambda each: each["channel"],
        "Account": lambda each: each["account"],
        "Name": lambda each: each["name"],
        "Credentials": lambda each: each["credentials"] or "accepted",
        "Webhook": lambda each: each["webhook"] or "answers",
    }
    context.output.result({"items": items}, lambda _: context.output.table(items, columns))
    if any(each["credentials"] or each["webhook"] for each in items):
        raise typer.Exit(ExitCode.FAILED)


@command(app, "rotate")
def rotate(
    context: CommandContext,
    channel: Channel,
    field: Field,
    *,
    account: Account = "",
    finish: Finish = False,
    stage: Stage = "dev",
    url: Url = "",
) -> None:
    """Renew one field of the credentials while messages travel. A new value is asked for, or chosen if it is ours."""
    from chatflow_cli.channels import rotation
    from chatflow_cli.channels.deployment import aws_errors

    def ask(field: str, where: str) -> str:
        context.output.note(where, style="dim")
        return prompt(f"New {field}", hidden=True, optional=True).strip()

    deployment = _deployment(stage, url)
    with aws_errors("secretsmanager:ListSecrets"):
        found = deployment.secrets.find(deployment.channel(channel).name, account)
    if finish:
        rotated = rotation.finish_rotation(deployment, found, field)
    else:
        rotated = rotation.rotate(deployment, found, field, ask)

    def show(_: Any) -> None:
        context.output.print(f"{field} of {rotated.account} is renewed.", style="bold green")
        _show_steps(context, rotated.steps)
        if rotated.both:
            words = f"chatflow channels rotate {channel} {field} --account {rotated.account} --finish --stage {stage}"
            context.output.print("The old value is accepted, too. When the channel uses the new one:")
            context.output.print(f"  {words}", style="cyan")

    context.output.result(asdict(rotated), show)


@command(app, "disconnect")
def disconnect(
    context: CommandContext,
    channel: Channel,
    *,
    account: Account = "",
    stage: Stage = "dev",
    url: Url = "",
    yes: Yes = False,
) -> None:
    """Delete the credentials of an account. Its webhook answers 404 from then on, and nothing is sent from it."""
    from chatflow_cli.channels import connecting
    from chatflow_cli.channels.account_secrets import RECOVERY_DAYS
    from chatflow_cli.channels.deployment import aws_errors

    deployment = _deployment(stage, url)
    with aws_errors("secretsmanager:ListSecrets, GetSecretValue, DeleteSecret and PutSecretValue"):
        found = deployment.secrets.find(deployment.channel(channel).name, account)
        question = f"Disconnect {found.account} ({found.channel})? Its running sessions can send nothing any more."
        if found.older:
            question += f" Its secret also serves {_OTHERS_SERVED}: these are disconnected, too."
        confirm(question, yes=yes)
        posts_no_more = connecting.stop_posts(deployment, found)
        deployment.secrets.remove(found)
    stays = "its former version can be recovered" if found.older else f"it can be recovered for {RECOVERY_DAYS} days"

    def show(_: Any) -> None:
        context.output.print(f"{found.account} is disconnected. The secret {found.secret} has no credentials; {stays}.")
        if found.older:
            context.output.print(f"It served {_OTHERS_SERVED}, too: connect those that shall go on.")
        webhook = "The channel posts nothing more." if posts_no_more else "Remove the webhook in the channel's console."
        context.output.print(f"Functions forget them within five minutes. {webhook}")

    context.output.result(asdict(found), show)


def _deployment(stage: str, url: str = "") -> Deployment:
    from chatflow_cli.channels.deployment import find_deployment

    return find_deployment(stage, url)


def _accounts(deployment: Deployment, channel: str) -> list[ConnectedAccount]:
    from chatflow_cli.channels.deployment import aws_errors

    with aws_errors("secretsmanager:ListSecrets and GetSecretValue"):
        return [each for each in deployment.secrets.accounts() if channel in ("", each.channel)]


def _show_steps(context: CommandContext, steps: tuple[str, ...]) -> None:
    if steps:
        context.output.print("What is left to do in the channel's console:\n")
        for step in steps:
            context.output.print(f"  {step}")
