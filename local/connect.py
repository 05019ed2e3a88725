"""`python -m local.connect whatsapp [--stack Chatflow-dev] [--url ...]`: give a deployed stack a channel's credentials.

It asks for them, has the channel itself confirm them, stores them in the channel's secret, and says what is left to do
in the channel's console. What a channel needs stands in its manifest; AWS is the shell's (or AWS_ENDPOINT_URL).
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
from chatflow.adapters.fetch import GuardedFetch
from chatflow.channels import manifest
from chatflow.channels.manifest import ChannelManifest
from chatflow.errors import ChatflowError, Refused
from local.emulator.client import local_api_url

_PATIENCE = 20.0  # seconds that a channel has to confirm


class CannotConnect(RuntimeError):
    """Nothing was stored; the message says why, and what to do."""


# Asks a person for a line of text.
Asks = Callable[[str], str]


def main(words: list[str] | None = None, *, shown: Asks = input, hidden: Asks = getpass.getpass) -> int:
    """Connect one channel; the exit code is 0 when it is connected. `hidden` asks without showing what is typed."""
    parser = argparse.ArgumentParser(prog="python -m local.connect", description=__doc__)
    parser.add_argument("channel", choices=manifest.names())
    parser.add_argument("--stack", default="Chatflow-dev", help="the CloudFormation stack")
    parser.add_argument("--url", default="", help="the channel's API, when it is a stand-in")
    asked = parser.parse_args(words)
    console = Console(highlight=False, soft_wrap=True)
    channel = manifest.load(asked.channel).at(asked.url)
    try:
        secret_name, webhook_url = deployed(asked.stack, channel.name)
        credentials = asked_for(channel, stored(secret_name), console, shown=shown, hidden=hidden)
        name = confirmed(channel, credentials, stand_in=bool(asked.url))
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
    console.print(
        f"\n[bold green]{channel.title} knows {escape(name)}.[/] The secret {secret_name} holds its credentials."
    )
    console.print("What is left to do in its console:\n")
    for step in channel.connect.steps:
        # The one that we choose ourselves has to be read and pasted; no other is ever shown.
        console.print(
            "  " + step.format(webhook_url=webhook_url, chosen=newest(credentials.get(channel.connect.chosen, "")))
        )
    return 0


def deployed(stack: str, channel: str) -> tuple[str, str]:
    """The name of the channel's secret, and the address of its webhook. Raises CannotConnect."""
    try:
        [found] = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise CannotConnect(f"There is no stack {stack} in this account and region; deploy it first.") from None
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    secret = f"ChannelSecret{channel.title().replace('_', '')}"
    if missing := {secret, "WebhookUrl"} - outputs.keys():
        raise CannotConnect(f"The stack {stack} has no output {' and '.join(sorted(missing))}; deploy it again.")
    webhook = outputs["WebhookUrl"].replace("{channel}", channel)
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        webhook = local_api_url(endpoint, webhook) + urlsplit(webhook).path
    return outputs[secret], webhook


def stored(secret_name: str) -> dict[str, Any]:
    """What the secret holds, nothing if it is only what a first deploy puts there (random and empty fields)."""
    held = json.loads(client("secretsmanager").get_secret_value(SecretId=secret_name)["SecretString"])
    return held if all(held.values()) else {}


def asked_for(
    channel: ChannelManifest, held: Mapping[str, Any], console: Console, *, shown: Asks, hidden: Asks
) -> dict[str, Any]:
    """Every field of the secret: as typed, or as it was when nothing was typed. Raises CannotConnect."""
    found: dict[str, Any] = {}
    for field, where in channel.secret.items():
        if field == channel.connect.chosen:
            found[field] = held.get(field) or secrets.token_urlsafe(24)
            continue
        console.print(f"\n[bold]{field}[/]\n[dim]{where}[/]")
        prompt = "Enter keeps what is stored: " if field in held else "> "
        typed = (shown if field == channel.connect.account else hidden)(prompt).strip()
        found[field] = typed or held.get(field, "")
        if not found[field]:
            raise CannotConnect(f"It needs {field}; nothing was stored.")
    return found


def newest(held: Any) -> str:
    """The one that counts: while a secret is rotated, a field may hold a list of the new one and the old one."""
    return str(held[0] if isinstance(held, list) else held)


def confirmed(channel: ChannelManifest, credentials: Mapping[str, Any], *, stand_in: bool) -> str:
    """What the channel calls the account. Raises CannotConnect when it does not know it, or is not there."""
    fetch = GuardedFetch(channel.hosts if stand_in else frozenset())
    account = str(credentials[channel.connect.account])
    there = manifest.part(channel.name, "client").Client(account, credentials, fetch, channel.hosts, channel.api)
    try:
        return str(there.account_name(round((time.time() + _PATIENCE) * 1000)))
    except Refused as error:
        raise CannotConnect(f"{channel.title} refused them, so nothing was stored: {error}") from None
    except ChatflowError as error:
        raise CannotConnect(f"{channel.title} could not be asked, so nothing was stored: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
