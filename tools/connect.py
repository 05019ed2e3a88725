"""`make connect-whatsapp`: store a channel's credentials in your account, and say what to enter at the channel.

Run it after `make deploy`, with the same AWS credentials. Nothing is written to disk or to the shell's history. What
is asked for, and where a person finds it, stands in the channel's manifest.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
from rich.console import Console
from rich.prompt import Prompt

sys.path.append(str(Path(__file__).resolve().parents[1] / "layers" / "chatflow" / "python"))

from chatflow.channels import manifest  # after the path is set

_OWN_CHOICE = "verify_token"  # any long random text, so it is made here unless there is one


class NotConnected(RuntimeError):
    """Nothing was stored; the message says why."""


def main(
    arguments: list[str] | None = None,
    ask: Callable[..., str] = Prompt.ask,
    outputs_of: Callable[[str], dict[str, str]] | None = None,
) -> int:
    """Ask, store, explain."""
    parser = argparse.ArgumentParser(prog="make connect-<channel>", description=__doc__)
    parser.add_argument("channel", choices=manifest.names())
    parser.add_argument("--stage", default="dev")
    asked = parser.parse_args(arguments)
    console = Console(highlight=False)
    channel = manifest.load(asked.channel)
    try:
        outputs = (outputs_of or stack_outputs)(f"Chatflow-{asked.stage}")
    except NotConnected as problem:
        console.print(f"[bold red]Not connected.[/] {problem}")
        return 1
    store = boto3.client("secretsmanager")
    name = outputs[f"ChannelSecret{asked.channel.title().replace('_', '')}"]
    kept: dict[str, str] = json.loads(store.get_secret_value(SecretId=name)["SecretString"])
    given = {}
    for field, found_at in channel.secret.items():
        if field == _OWN_CHOICE:
            # The one that the channel already has keeps working when something else is renewed.
            given[field] = kept.get(field) or secrets.token_urlsafe(24)
            continue
        console.print(f"\n[dim]{found_at}[/]", soft_wrap=True)
        hidden = "secret" in field or "token" in field
        given[field] = ask(field.replace("_", " ") + (" (not shown)" if hidden else ""), password=hidden).strip()
    store.put_secret_value(SecretId=name, SecretString=json.dumps(given))

    console.print(f"\n[green]Stored[/] in Secrets Manager as [bold]{name}[/]. Now enter at {channel.title}:")
    console.print(
        f"  Webhook       [bold]{outputs['WebhookUrl'].replace('{channel}', asked.channel)}[/]", soft_wrap=True
    )
    if _OWN_CHOICE in given:
        console.print(f"  Verify token  [bold]{given[_OWN_CHOICE]}[/]", soft_wrap=True)
    return 0


def stack_outputs(stack: str) -> dict[str, str]:
    """The outputs of the deployed stack; raises NotConnected when there is none."""
    client = boto3.client("cloudformation")
    try:
        [found] = client.describe_stacks(StackName=stack)["Stacks"]
    except client.exceptions.ClientError as error:
        raise NotConnected(f"{stack} was not found in this account and region: {error}. Run `make deploy`.") from error
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


if __name__ == "__main__":
    sys.exit(main())
