"""Stores a channel's credentials in a deployed stack: `python -m chatflow_cli.connect whatsapp [--stack Chatflow-dev]`.

It asks for the credentials, has the channel's API confirm them, stores them in the channel's secret, and prints what is
left to do in the channel's console. The fields and steps come from the channel's manifest. AWS credentials come from
the shell; AWS_ENDPOINT_URL selects an emulator.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from chatflow.adapters.aws import client
from chatflow.adapters.http.fetch import GuardedFetch
from chatflow.channels import manifest
from chatflow.channels.manifest import ChannelManifest
from chatflow.errors import ChatflowError, Refused

_CONFIRMATION_TIMEOUT = 20.0  # seconds


class CannotConnect(RuntimeError):
    """Nothing was stored; the message says why, and what to do."""


# Shows a prompt and returns the line that a person typed.
Prompt = Callable[[str], str]


def main(arguments: list[str] | None = None, *, ask: Prompt = input, ask_hidden: Prompt = getpass.getpass) -> int:
    """Connect one channel. Returns the exit code, 0 when it is connected. `ask_hidden` does not show what is typed."""
    parser = argparse.ArgumentParser(prog="python -m chatflow_cli.connect", description=__doc__)
    parser.add_argument("channel", choices=manifest.names())
    parser.add_argument("--stack", default="Chatflow-dev", help="the CloudFormation stack")
    parser.add_argument("--url", default="", help="the channel's API, when it is a stand-in")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    channel = manifest.load(options.channel).at(options.url)
    try:
        secret_name, webhook_url = find_deployment(options.stack, channel.name)
        stored = load_credentials(secret_name)
        credentials = ask_for_credentials(channel, stored, console, ask=ask, ask_hidden=ask_hidden)
        account_name = confirm_account(channel, credentials, stand_in=bool(options.url))
        client("secretsmanager").put_secret_value(SecretId=secret_name, SecretString=json.dumps(credentials))
    except CannotConnect as problem:
        console.print(f"[bold red]{channel.title} is not connected.[/] {escape(str(problem))}")
        return 1
    except (BotoCoreError, ClientError) as problem:
        console.print(f"[bold red]{channel.title} is not connected.[/] AWS says: {escape(str(problem))}")
        return 1
    except (KeyboardInterrupt, EOFError):
        console.print("\nNothing was changed.")
        return 130
    success = f"[bold green]{channel.title} knows {escape(account_name)}.[/]"
    console.print(f"\n{success} The secret {secret_name} holds its credentials.")
    console.print("What is left to do in its console:\n")
    # The field that we choose ourselves has to be pasted into the console. No other field is ever shown.
    chosen = current_value(credentials.get(channel.connect.chosen, ""))
    for step in channel.connect.steps:
        console.print("  " + step.format(webhook_url=webhook_url, chosen=chosen))
    return 0


def find_deployment(stack: str, channel: str) -> tuple[str, str]:
    """The name of the channel's secret and the URL of its webhook, from the stack's outputs. Raises CannotConnect."""
    try:
        [description] = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise CannotConnect(f"There is no stack {stack} in this account and region; deploy it first.") from None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])}
    secret = f"ChannelSecret{channel.title().replace('_', '')}"
    if missing := {secret, "WebhookUrl"} - outputs.keys():
        raise CannotConnect(f"The stack {stack} has no output {' and '.join(sorted(missing))}; deploy it again.")
    webhook_url = outputs["WebhookUrl"].replace("{channel}", channel)
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        webhook_url = local_api_url(endpoint, webhook_url) + urlsplit(webhook_url).path
    return outputs[secret], webhook_url


def local_api_url(endpoint: str, deployed: str) -> str:
    """The URL at which the emulator serves an HTTP API. No DNS on this machine knows the deployed host name."""
    api_id = (urlsplit(deployed).hostname or "").partition(".")[0]
    return f"{endpoint}/_aws/execute-api/{api_id}/$default"


def load_credentials(secret_name: str) -> dict[str, Any]:
    """The content of the secret; {} if it is the one of a first deploy, whose fields are random or empty."""
    content = json.loads(client("secretsmanager").get_secret_value(SecretId=secret_name)["SecretString"])
    return content if all(content.values()) else {}


def ask_for_credentials(
    channel: ChannelManifest, stored: Mapping[str, Any], console: Console, *, ask: Prompt, ask_hidden: Prompt
) -> dict[str, Any]:
    """A value for each field of the secret; an empty line keeps the stored one. Raises CannotConnect without one."""
    credentials: dict[str, Any] = {}
    for field, instructions in channel.secret.items():
        if field == channel.connect.chosen:
            credentials[field] = stored.get(field) or secrets.token_urlsafe(24)
            continue
        console.print(f"\n[bold]{field}[/]\n[dim]{instructions}[/]")
        prompt = "Enter keeps what is stored: " if field in stored else "> "
        typed = (ask if field == channel.connect.account else ask_hidden)(prompt).strip()
        credentials[field] = typed or stored.get(field, "")
        if not credentials[field]:
            raise CannotConnect(f"It needs {field}; nothing was stored.")
    return credentials


def current_value(stored: Any) -> str:
    """The value in use. During a rotation, a field may hold a list of the new value and the old one."""
    return str(stored[0] if isinstance(stored, list) else stored)


def confirm_account(channel: ChannelManifest, credentials: Mapping[str, Any], *, stand_in: bool) -> str:
    """The account's name, as the channel's API returns it.

    `stand_in` allows the channel's hosts to be internal addresses. Raises CannotConnect when the API refuses the
    credentials or cannot be reached.
    """
    fetch = GuardedFetch(channel.hosts if stand_in else frozenset())
    account = str(credentials[channel.connect.account])
    api = manifest.part(channel.name, "client").Client(account, credentials, fetch, channel.hosts, channel.api)
    try:
        return str(api.account_name(round((time.time() + _CONFIRMATION_TIMEOUT) * 1000)))
    except Refused as error:
        raise CannotConnect(f"{channel.title} refused them, so nothing was stored: {error}") from None
    except ChatflowError as error:
        raise CannotConnect(f"{channel.title} could not be asked, so nothing was stored: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
